namespace SeaGrpc.Cli.Output;

/// <summary>A canvas of braille cells, each 2 dots wide and 4 high.</summary>
internal sealed class BrailleDots(int rows, int columns)
{
    /// <summary>The braille pattern without dots; a cell's bits are added to it.</summary>
    public const char Blank = '\u2800';

    private static readonly int[,] Bits = { { 0x01, 0x08 }, { 0x02, 0x10 }, { 0x04, 0x20 }, { 0x40, 0x80 } };

    /// <summary>Dots from left to right.</summary>
    public int Width => columns * 2;

    /// <summary>Dots from top to bottom.</summary>
    public int Height => rows * 4;

    /// <summary>Bits of each cell, [row, column].</summary>
    public int[,] Cells { get; } = new int[rows, columns];

    /// <summary>Draws a straight line; dots outside the canvas are left out.</summary>
    public void Line((int X, int Y) from, (int X, int Y) to)
    {
        var steps = Math.Max(1, Math.Max(Math.Abs(to.X - from.X), Math.Abs(to.Y - from.Y)));
        for (var step = 0; step <= steps; step++)
        {
            var x = from.X + (int)Math.Round((double)(to.X - from.X) * step / steps);
            var y = from.Y + (int)Math.Round((double)(to.Y - from.Y) * step / steps);
            if (x >= 0 && x < Width && y >= 0 && y < Height)
            {
                Cells[y / 4, x / 2] |= Bits[y % 4, x % 2];
            }
        }
    }
}
