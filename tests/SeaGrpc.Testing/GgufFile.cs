using System.Text;

namespace SeaGrpc.Testing;

/// <summary>Writes GGUF 3 files of fp32 tensors, as llama.cpp reads them.</summary>
public sealed class GgufFile
{
    private const int Alignment = 32;
    private readonly List<(string Key, Action<BinaryWriter> Value)> _values = [];
    private readonly List<(string Name, long[] Shape, double[] Values)> _tensors = [];

    /// <summary>Adds a text.</summary>
    public void Add(string key, string value) => _values.Add((key, writer => { writer.Write(8); Write(writer, value); }));

    /// <summary>Adds a whole number.</summary>
    public void Add(string key, int value) => _values.Add((key, writer => { writer.Write(4); writer.Write(value); }));

    /// <summary>Adds a number.</summary>
    public void Add(string key, float value) => _values.Add((key, writer => { writer.Write(6); writer.Write(value); }));

    /// <summary>Adds texts.</summary>
    public void Add(string key, IReadOnlyList<string> values) => _values.Add((key, writer =>
    {
        writer.Write(9);
        writer.Write(8);
        writer.Write((long)values.Count);
        foreach (string value in values)
        {
            Write(writer, value);
        }
    }
    ));

    /// <summary>Adds whole numbers.</summary>
    public void Add(string key, IReadOnlyList<int> values) => _values.Add((key, writer =>
    {
        writer.Write(9);
        writer.Write(5);
        writer.Write((long)values.Count);
        foreach (int value in values)
        {
            writer.Write(value);
        }
    }
    ));

    /// <summary>Adds a tensor.</summary>
    /// <param name="name">llama.cpp's name.</param>
    /// <param name="columns">Size of the last dimension; the others are one.</param>
    /// <param name="values">Row by row.</param>
    public void Add(string name, int columns, double[] values) =>
        _tensors.Add((name, values.Length == columns ? [columns] : [columns, values.Length / columns], values));

    /// <summary>Writes the file.</summary>
    public void Write(string path)
    {
        using var writer = new BinaryWriter(File.Create(path), Encoding.UTF8);
        writer.Write("GGUF"u8);
        writer.Write(3);
        writer.Write((long)_tensors.Count);
        writer.Write((long)_values.Count);
        foreach ((string key, Action<BinaryWriter> value) in _values)
        {
            Write(writer, key);
            value(writer);
        }

        long offset = 0;
        foreach ((string name, long[] shape, double[] values) in _tensors)
        {
            Write(writer, name);
            writer.Write(shape.Length);
            Array.ForEach(shape, writer.Write);
            writer.Write(0);
            writer.Write(offset);
            offset += Padded(values.Length * sizeof(float));
        }

        foreach ((_, _, double[] values) in _tensors)
        {
            writer.Write(new byte[Padded(writer.BaseStream.Position) - writer.BaseStream.Position]);
            Array.ForEach(values, value => writer.Write((float)value));
        }
    }

    private static long Padded(long length) => (length + Alignment - 1) / Alignment * Alignment;

    private static void Write(BinaryWriter writer, string text)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        writer.Write((long)bytes.Length);
        writer.Write(bytes);
    }
}
