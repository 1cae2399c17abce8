namespace SeaGrpc.Lab.Evaluation.Judging.Mathematics;

/// <summary>What kind of thing an answer is.</summary>
internal abstract record MathAnswer;

/// <summary>Words: a name, east, a choice's letter.</summary>
internal sealed record TextAnswer(string Letters) : MathAnswer;

/// <summary>One formula.</summary>
internal sealed record ScalarAnswer(MathExpression Expression) : MathAnswer;

/// <summary>A point, vector or interval: ordered, and its brackets matter.</summary>
internal sealed record TupleAnswer(char Open, char Close, IReadOnlyList<MathAnswer> Elements) : MathAnswer;

/// <summary>A set, or several answers in a row: the order does not matter.</summary>
internal sealed record SetAnswer(IReadOnlyList<MathAnswer> Elements) : MathAnswer;

/// <summary>A union of intervals or sets: the order does not matter.</summary>
internal sealed record UnionAnswer(IReadOnlyList<MathAnswer> Parts) : MathAnswer;

/// <summary>A matrix or column, row by row.</summary>
internal sealed record MatrixAnswer(IReadOnlyList<IReadOnlyList<MathAnswer>> Rows) : MathAnswer;

/// <summary>An equation or a chain of inequalities.</summary>
internal sealed record RelationAnswer(IReadOnlyList<MathAnswer> Sides, IReadOnlyList<string> Relations) : MathAnswer;

/// <summary>Anything else: compared literally, ignoring spaces.</summary>
internal sealed record OpaqueAnswer(string Text) : MathAnswer;
