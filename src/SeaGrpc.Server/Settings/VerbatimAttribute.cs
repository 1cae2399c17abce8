namespace SeaGrpc.Server.Settings;

/// <summary>The setting's text is taken literally, including leading and trailing blanks and control characters.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class VerbatimAttribute : Attribute;
