using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using TorchSharp;
using static TorchSharp.torch;

namespace SeaGrpc.Modeling.Checkpoints;

/// <summary>A safetensors file, validated when opened. Several threads may read it.</summary>
/// <remarks>
/// Numbers are little-endian in the file and are used in the machine's byte order. The file is read, not mapped: mapped pages count as the
/// process's own memory, and truncating a mapped file kills the process.
/// </remarks>
public sealed class SafetensorsFile : IDisposable
{
    private const int PrefixLength = 8;

    /// <summary>Elements read at once. This bounds the memory for loading in addition to the weights.</summary>
    private const long MaxElementsPerCopy = 1L << 23;

    /// <summary>Elements that one core widens at once.</summary>
    private const long MaxElementsPerPiece = 1L << 18;

    private readonly SafeFileHandle _handle;
    private readonly SafetensorsHeader _header;
    private readonly long _bufferStart;
    private bool _disposed;

    private SafetensorsFile(string path, SafetensorsHeader header, long bufferStart, SafeFileHandle handle)
    {
        Path = path;
        _header = header;
        _bufferStart = bufferStart;
        _handle = handle;
    }

    /// <summary>Path of the file.</summary>
    public string Path { get; }

    /// <summary>Raised for every piece read, with its size in the file in bytes. May be raised from several threads at once.</summary>
    internal event Action<long>? PieceRead;

    /// <summary>The tensors by name.</summary>
    public IReadOnlyDictionary<string, SafetensorsEntry> Entries => _header.Entries;

    /// <summary>The free-form strings under <c>__metadata__</c>.</summary>
    public IReadOnlyDictionary<string, string> Metadata => _header.Metadata;

    /// <summary>Opens a file, reads its header and checks the position of every tensor. Reads no weights yet.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="CheckpointException">The file is missing, truncated, inconsistent or not in this format.</exception>
    public static SafetensorsFile Open(string path)
    {
        try
        {
            // Checked before opening: opening a pipe would block, and it has no length.
            if (CheckpointFile.LengthOf(path) == 0)
            {
                throw new CheckpointException(
                    path,
                    "the file has 0 bytes, or is a pipe or a device; a safetensors file begins with the 8 bytes of its header's length. "
                        + "Download or copy the file again.");
            }

            var handle = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.Read);
            try
            {
                var length = RandomAccess.GetLength(handle);
                var headerLength = ReadHeaderLength(path, handle, length);
                var bufferStart = PrefixLength + headerLength;
                var tokens = new SafetensorsHeaderTokens(path, handle, PrefixLength, headerLength);
                return new SafetensorsFile(path, SafetensorsHeader.Parse(path, tokens, length - bufferStart), bufferStart, handle);
            }
            catch
            {
                handle.Dispose();
                throw;
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CheckpointException(path, $"the file cannot be read ({e.Message}).", e);
        }
    }

    /// <summary>Reads one tensor and converts it.</summary>
    /// <param name="name">A name from <see cref="Entries"/>.</param>
    /// <param name="dtype">Element type of the result.</param>
    /// <param name="device">Device of the result.</param>
    /// <returns>A new tensor, which the caller owns.</returns>
    /// <exception cref="CheckpointException">
    /// The file has no such tensor, the tensor is not F32, F16 or BF16, or a number in it is NaN or infinite.
    /// </exception>
    public Tensor Read(string name, ScalarType dtype, Device device)
    {
        using var scope = NewDisposeScope();
        var target = empty(Find(name).Shape.ToArray(), dtype, device);
        ReadInto(name, target);
        return target.MoveToOuterDisposeScope();
    }

    /// <summary>Reads one tensor into an existing one and converts it.</summary>
    /// <param name="name">A name out of <see cref="Entries"/>.</param>
    /// <param name="place">A contiguous tensor of that shape, with any element type and device; overwritten.</param>
    /// <exception cref="CheckpointException">
    /// The file has no such tensor, the tensor is not F32, F16 or BF16, or a number in it is NaN or infinite.
    /// </exception>
    public void ReadInto(string name, Tensor place)
    {
        ArgumentNullException.ThrowIfNull(place);
        var entry = Find(name);
        var stored = CheckReadable(name);
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        ReadInto(place.view(-1), name, stored, entry);
    }

    /// <summary>The element type of a readable tensor.</summary>
    /// <exception cref="CheckpointException">The file has no such tensor, or it is not F32, F16 or BF16.</exception>
    internal ScalarType CheckReadable(string name)
    {
        var dtype = Find(name).Dtype;
        return SafetensorsDtype.ToScalarType(dtype)
            ?? throw new CheckpointException(
                Path, $"tensor '{name}' has dtype {dtype}, which is not supported; convert it to F32, F16 or BF16.");
    }

    /// <summary>
    /// Whether another file has the same tensor under this name: format, shape and bytes. Reads up to the first difference.
    /// </summary>
    internal bool HasSame(string name, SafetensorsFile other)
    {
        var own = Find(name);
        var theirs = other.Find(name);
        if (own.Dtype != theirs.Dtype || !own.Shape.SequenceEqual(theirs.Shape))
        {
            return false;
        }

        var piece = new byte[Math.Min(own.ByteCount, MaxElementsPerPiece)];
        var otherPiece = new byte[piece.Length];
        for (var first = 0L; first < own.ByteCount; first += piece.Length)
        {
            var size = (int)Math.Min(own.ByteCount - first, piece.Length);
            ReadExactly(Path, _handle, piece.AsSpan(0, size), _bufferStart + own.Begin + first);
            ReadExactly(other.Path, other._handle, otherPiece.AsSpan(0, size), other._bufferStart + theirs.Begin + first);
            if (!piece.AsSpan(0, size).SequenceEqual(otherPiece.AsSpan(0, size)))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Closes the file. Tensors that were read stay valid.</summary>
    public void Dispose()
    {
        _disposed = true;
        _handle.Dispose();
    }

    private SafetensorsEntry Find(string name)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (!Entries.TryGetValue(name, out var entry))
        {
            throw new CheckpointException(Path, $"there is no tensor '{name}' in this file.");
        }

        return entry;
    }

    private static long ReadHeaderLength(string path, SafeFileHandle handle, long fileLength)
    {
        if (fileLength < PrefixLength)
        {
            throw new CheckpointException(
                path,
                $"the file has {fileLength} bytes, but a safetensors file begins with the 8 bytes of its header's length: it is truncated. "
                + "Download or copy the file again.");
        }

        Span<byte> prefix = stackalloc byte[PrefixLength];
        ReadExactly(path, handle, prefix, 0);
        var length = BinaryPrimitives.ReadUInt64LittleEndian(prefix);
        if (length > SafetensorsHeader.MaxLength)
        {
            RefusePointer(path, handle, fileLength);
        }

        if (length > SafetensorsHeader.MaxLength)
        {
            throw new CheckpointException(
                path,
                $"the header's length is given as {length} bytes, over the format's limit of {SafetensorsHeader.MaxLength}: "
                + "this is not a safetensors file, or it is damaged.");
        }

        var available = fileLength - PrefixLength;
        if ((long)length > available)
        {
            throw new CheckpointException(
                path,
                $"the header has {length} bytes, but the file holds only {available} after the length: it is truncated, and at least "
                + $"{(long)length - available} bytes are missing. Download or copy the file again.");
        }

        return (long)length;
    }

    private void ReadInto(Tensor target, string name, ScalarType stored, SafetensorsEntry entry)
    {
        var isWidened = target.dtype == ScalarType.Float32 && stored == ScalarType.BFloat16;
        if (target.device_type == DeviceType.CPU && (target.dtype == stored || isWidened))
        {
            ReadOnAllCores(target, name, stored, entry, isWidened);
            return;
        }

        // Goes through a buffer in the file's own dtype.
        var count = target.NumberOfElements;
        using var piece = empty([Math.Min(count, MaxElementsPerCopy)], stored, CPU);
        for (var first = 0L; first < count; first += MaxElementsPerCopy)
        {
            var size = Math.Min(count - first, MaxElementsPerCopy);
            using var slot = target.narrow(0, first, size);
            using var read = piece.narrow(0, 0, size);
            ReadExactly(Path, _handle, read.bytes, _bufferStart + entry.Begin + (first * read.ElementSize));
            CheckFinite(name, read.bytes, stored, first);
            slot.copy_(read).Dispose();
            PieceRead?.Invoke(size * read.ElementSize);
        }
    }

    // Pieces are small enough to stay in a core's cache until they are widened, in parallel on all cores.
    private unsafe void ReadOnAllCores(Tensor target, string name, ScalarType stored, SafetensorsEntry entry, bool isWidened)
    {
        var count = target.NumberOfElements;
        if (count == 0)
        {
            return;
        }

        var address = (nint)TensorPointer.Of<byte>(target);
        var elementSize = (int)target.ElementSize;
        var storedSize = isWidened ? sizeof(ushort) : elementSize;
        FreshPages.PreferHuge(address, count * elementSize);
        try
        {
            Parallel.For(
                0L,
                (count + MaxElementsPerPiece - 1) / MaxElementsPerPiece,
                () => isWidened ? new ushort[Math.Min(count, MaxElementsPerPiece)] : [],
                (piece, _, buffer) =>
                {
                    var first = piece * MaxElementsPerPiece;
                    var size = (int)Math.Min(count - first, MaxElementsPerPiece);
                    var place = new Span<byte>((byte*)address + (first * elementSize), size * elementSize);
                    FreshPages.Populate((nint)Unsafe.AsPointer(ref MemoryMarshal.GetReference(place)), place.Length);
                    var read = isWidened ? MemoryMarshal.AsBytes(buffer.AsSpan(0, size)) : place;
                    ReadExactly(Path, _handle, read, _bufferStart + entry.Begin + (first * storedSize));
                    CheckFinite(name, read, stored, first);
                    if (isWidened)
                    {
                        BFloat16Numbers.ToSingle(buffer.AsSpan(0, size), MemoryMarshal.Cast<byte, float>(place));
                    }

                    PieceRead?.Invoke((long)size * storedSize);
                    return buffer;
                },
                _ => { });
        }
        catch (AggregateException several)
        {
            // Throws what went wrong first, as a single core would.
            ExceptionDispatchInfo.Throw(several.InnerException!);
        }
    }

    private static void RefusePointer(string path, SafeFileHandle handle, long fileLength)
    {
        var start = new byte[Math.Min(fileLength, CheckpointFile.LongestPointer + 1)];
        ReadExactly(path, handle, start, 0);
        CheckpointFile.RefusePointer(path, start);
    }

    // Runs while the numbers are in the core's cache.
    private void CheckFinite(string name, ReadOnlySpan<byte> read, ScalarType stored, long first)
    {
        if (NonFiniteNumbers.IndexIn(read, stored) is var index and >= 0)
        {
            throw new CheckpointException(
                Path,
                $"tensor '{name}' has a number that is NaN or infinite (index {first + index}), so every answer would be NaN; the file is "
                + "damaged, or training had diverged when it was saved. Download the file again, or take an earlier checkpoint.");
        }
    }

    internal static void ReadExactly(string path, SafeFileHandle handle, Span<byte> into, long offset)
    {
        while (into.Length > 0)
        {
            var read = RandomAccess.Read(handle, into, offset);
            if (read == 0)
            {
                throw new CheckpointException(
                    path, "the file has become shorter since it was opened; copy it again, and load it when it is complete.");
            }

            into = into[read..];
            offset += read;
        }
    }
}
