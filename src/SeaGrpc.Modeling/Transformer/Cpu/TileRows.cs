namespace SeaGrpc.Modeling.Transformer.Cpu;

/// <summary>A number that the compiler knows, so that a tile's code has no more rows than it needs.</summary>
internal interface ITileRows
{
    static abstract int Count { get; }
}

internal readonly struct One : ITileRows
{
    public static int Count => 1;
}

internal readonly struct Two : ITileRows
{
    public static int Count => 2;
}

internal readonly struct Three : ITileRows
{
    public static int Count => 3;
}

internal readonly struct Four : ITileRows
{
    public static int Count => 4;
}

internal readonly struct Five : ITileRows
{
    public static int Count => 5;
}

internal readonly struct Six : ITileRows
{
    public static int Count => 6;
}
