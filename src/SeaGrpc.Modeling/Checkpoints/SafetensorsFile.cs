using System.Buffers.Binary;
using System.IO.MemoryMappedFiles;
using static TorchSharp.torch;

namespace SeaGrpc.Modeling.Checkpoints;

/// <summary>A safetensors file, memory-mapped and checked when opened. Reading from several threads is allowed.</summary>
/// <remarks>Numbers are little-endian in the file, and are taken as the machine has them.</remarks>
public sealed class SafetensorsFile : IDisposable
{
    private const int PrefixLength = 8;
    private const long MaxElementsPerCopy = 1L << 26;

    private readonly MemoryMappedFile? _map;
    private readonly MemoryMappedViewAccessor? _view;
    private readonly SafetensorsHeader _header;
    private readonly long _bufferStart;
    private bool _disposed;

    private SafetensorsFile(
        string path, SafetensorsHeader header, long bufferStart, MemoryMappedFile? map, MemoryMappedViewAccessor? view)
    {
        Path = path;
        _header = header;
        _bufferStart = bufferStart;
        _map = map;
        _view = view;
    }

    /// <summary>The file.</summary>
    public string Path { get; }

    /// <summary>The tensors by name.</summary>
    public IReadOnlyDictionary<string, SafetensorsEntry> Entries => _header.Entries;

    /// <summary>The free-form strings under <c>__metadata__</c>.</summary>
    public IReadOnlyDictionary<string, string> Metadata => _header.Metadata;

    /// <summary>Opens a file, reads its header and checks every tensor's place. No weights are read yet.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="CheckpointException">The file is missing, truncated, inconsistent or not of the format.</exception>
    public static SafetensorsFile Open(string path)
    {
        try
        {
            // 1. The header, through an ordinary stream: nothing is mapped before it is known to be sound.
            using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read);
            var bytes = ReadHeader(path, stream);
            var bufferStart = PrefixLength + bytes.LongLength;
            var header = SafetensorsHeader.Parse(path, bytes, stream.Length - bufferStart);

            // 2. The map of the whole file, where there is anything to read.
            if (stream.Length == bufferStart)
            {
                return new SafetensorsFile(path, header, bufferStart, null, null);
            }

            var map = MemoryMappedFile.CreateFromFile(path, FileMode.Open, null, 0, MemoryMappedFileAccess.Read);
            return new SafetensorsFile(path, header, bufferStart, map, map.CreateViewAccessor(0, 0, MemoryMappedFileAccess.Read));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CheckpointException(path, $"the file cannot be read ({e.Message}).", e);
        }
    }

    /// <summary>Copies one tensor out of the file and converts it.</summary>
    /// <param name="name">A name out of <see cref="Entries"/>.</param>
    /// <param name="dtype">The wanted element type.</param>
    /// <param name="device">Where the tensor is to lie.</param>
    /// <returns>A new tensor, which the caller owns.</returns>
    /// <exception cref="CheckpointException">The file has no such tensor, or it is not F32, F16 or BF16.</exception>
    public Tensor Read(string name, ScalarType dtype, Device device)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (!Entries.TryGetValue(name, out var entry))
        {
            throw new CheckpointException(Path, $"there is no tensor '{name}' in this file.");
        }

        if (SafetensorsDtype.ToScalarType(entry.Dtype) is not { } stored)
        {
            throw new CheckpointException(
                Path,
                $"tensor '{name}' has dtype {entry.Dtype}, which is not supported; convert it to F32, F16 or BF16.");
        }

        using var scope = NewDisposeScope();
        var copy = empty(entry.Shape.ToArray(), stored, CPU); // entry.Shape, on-disk dtype
        CopyInto(copy, entry);
        return copy.to(dtype, device).MoveToOuterDisposeScope();
    }

    /// <summary>Closes the map. Tensors that were read stay valid.</summary>
    public void Dispose()
    {
        _disposed = true;
        _view?.Dispose();
        _map?.Dispose();
    }

    private static byte[] ReadHeader(string path, FileStream stream)
    {
        if (stream.Length < PrefixLength)
        {
            throw new CheckpointException(
                path,
                $"the file has {stream.Length} bytes, and a safetensors file begins with 8 of header length: it is truncated. "
                + "Download or copy the file again.");
        }

        Span<byte> prefix = stackalloc byte[PrefixLength];
        stream.ReadExactly(prefix);
        var length = BinaryPrimitives.ReadUInt64LittleEndian(prefix);
        if (length > SafetensorsHeader.MaxLength)
        {
            throw new CheckpointException(
                path,
                $"the header's length is given as {length} bytes, over the format's limit of {SafetensorsHeader.MaxLength}: "
                + "this is no safetensors file, or a damaged one.");
        }

        var available = stream.Length - PrefixLength;
        if ((long)length > available)
        {
            throw new CheckpointException(
                path,
                $"the header has {length} bytes, but the file holds only {available} after the length: it is truncated, and at least "
                + $"{(long)length - available} bytes are missing. Download or copy the file again.");
        }

        var bytes = new byte[length];
        stream.ReadExactly(bytes);
        return bytes;
    }

    private unsafe void CopyInto(Tensor target, SafetensorsEntry entry)
    {
        if (_view is null || entry.ByteCount == 0)
        {
            return;
        }

        using var scope = NewDisposeScope();
        var flat = target.view(-1); // [elements]
        byte* start = null;
        var handle = _view.SafeMemoryMappedViewHandle;
        handle.AcquirePointer(ref start);
        try
        {
            var source = start + _view.PointerOffset + _bufferStart + entry.Begin;
            for (var first = 0L; first < flat.NumberOfElements; first += MaxElementsPerCopy)
            {
                // A span counts in 32 bits, so a large tensor is copied in pieces.
                var count = Math.Min(MaxElementsPerCopy, flat.NumberOfElements - first);
                using var piece = flat.narrow(0, first, count);
                var bytes = piece.bytes;
                new ReadOnlySpan<byte>(source + (first * flat.ElementSize), bytes.Length).CopyTo(bytes);
            }
        }
        finally
        {
            handle.ReleasePointer();
        }
    }
}
