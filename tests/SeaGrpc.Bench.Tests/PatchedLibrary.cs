using System.Buffers.Binary;
using System.Text;

namespace SeaGrpc.Bench.Tests;

/// <summary>
/// A copy of a 64-bit little-endian ELF library whose exported functions are changed: libtorch of another version, without having one.
/// </summary>
/// <remarks>Layout: the generic ABI's Elf64_Ehdr, Elf64_Shdr and Elf64_Sym.</remarks>
internal sealed class PatchedLibrary
{
    private const int SymbolSize = 24;
    private readonly byte[] _image;
    private readonly List<(long Address, long Offset, long Size)> _sections = [];
    private readonly (long Offset, long Size) _symbols;
    private readonly long _strings;

    public PatchedLibrary(string file)
    {
        _image = File.ReadAllBytes(file);
        long table = Number(0x28);
        int count = BinaryPrimitives.ReadUInt16LittleEndian(_image.AsSpan(0x3C));
        for (int index = 0; index < count; index++)
        {
            long at = table + (index * 64L);
            uint type = BinaryPrimitives.ReadUInt32LittleEndian(_image.AsSpan((int)at + 4));
            (long address, long offset, long size) = (Number(at + 16), Number(at + 24), Number(at + 32));
            if (type == 11) // SHT_DYNSYM; its sh_link is its string table.
            {
                _symbols = (offset, size);
                _strings = Number(table + (64L * BinaryPrimitives.ReadUInt32LittleEndian(_image.AsSpan((int)at + 40))) + 24);
            }

            if (address != 0 && type != 8) // No SHT_NOBITS.
            {
                _sections.Add((address, offset, size));
            }
        }
    }

    /// <summary>The function answers with this number.</summary>
    public PatchedLibrary Answering(string symbol, ulong number)
    {
        // movabs rax, number; ret
        byte[] code = [0x48, 0xB8, 0, 0, 0, 0, 0, 0, 0, 0, 0xC3];
        BinaryPrimitives.WriteUInt64LittleEndian(code.AsSpan(2), number);
        code.CopyTo(_image.AsSpan((int)OffsetOf(symbol)));
        return this;
    }

    /// <summary>The first function does what the second does.</summary>
    public PatchedLibrary Redirecting(string symbol, string other)
    {
        // jmp rel32
        int at = (int)OffsetOf(symbol);
        _image[at] = 0xE9;
        BinaryPrimitives.WriteInt32LittleEndian(_image.AsSpan(at + 1), checked((int)(AddressOf(other) - AddressOf(symbol) - 5)));
        return this;
    }

    /// <summary>The function ends the process: an undefined instruction.</summary>
    public PatchedLibrary Crashing(string symbol)
    {
        ((ReadOnlySpan<byte>)[0x0F, 0x0B]).CopyTo(_image.AsSpan((int)OffsetOf(symbol)));
        return this;
    }

    /// <summary>The function has another name.</summary>
    public PatchedLibrary Hiding(string symbol)
    {
        _image[NameAt(Find(symbol)) + 2] ^= 1;
        return this;
    }

    public void Write(string file) => File.WriteAllBytes(file, _image);

    private long OffsetOf(string symbol)
    {
        long address = AddressOf(symbol);
        (long start, long offset, _) = _sections.Single(section => section.Address <= address && address < section.Address + section.Size);
        return address - start + offset;
    }

    private long AddressOf(string symbol) => Number(Find(symbol) + 8);

    private long Find(string symbol)
    {
        byte[] wanted = [.. Encoding.ASCII.GetBytes(symbol), 0];
        for (long at = _symbols.Offset; at < _symbols.Offset + _symbols.Size; at += SymbolSize)
        {
            if (_image.AsSpan(NameAt(at)).StartsWith(wanted))
            {
                return at;
            }
        }

        throw new InvalidOperationException($"The library exports no {symbol}.");
    }

    private int NameAt(long symbol) => (int)(_strings + BinaryPrimitives.ReadUInt32LittleEndian(_image.AsSpan((int)symbol)));

    private long Number(long at) => (long)BinaryPrimitives.ReadUInt64LittleEndian(_image.AsSpan((int)at));
}
