using System.Runtime.InteropServices;

namespace SeaGrpc.Modeling.SelfCheck;

/// <summary>Checks whether a loaded libtorch has every symbol that TorchSharp's native library was linked against.</summary>
internal static partial class NativeSymbols
{
    /// <summary>TorchSharp's native library: what its managed one calls, and what calls libtorch.</summary>
    public const string Bindings = "libLibTorchSharp.so";

    private const int BindNow = 2;
    private const int Global = 0x100;

    /// <summary>Binds all symbols of TorchSharp's native library now, instead of each at its first use.</summary>
    /// <returns>The dynamic linker's message about the first missing symbol; null if none is missing.</returns>
    public static string? FindMissing()
    {
        string file = Path.Combine(FolderOf(Bindings) ?? "", Bindings);
        // Called once before: resolving the import at the second call would replace the error that it should return.
        _ = LastError();
        return Open(file, BindNow | Global) != 0 ? null : Marshal.PtrToStringUTF8(LastError()) ?? "the dynamic linker gives no reason";
    }

    /// <summary>The first native library folder of the runtime that contains this file; null if none does.</summary>
    public static string? FolderOf(string file) => ((string?)AppContext.GetData("NATIVE_DLL_SEARCH_DIRECTORIES") ?? "")
        .Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
        .Append(AppContext.BaseDirectory)
        .FirstOrDefault(folder => File.Exists(Path.Combine(folder, file)));

    [LibraryImport("libc", EntryPoint = "dlopen", StringMarshalling = StringMarshalling.Utf8)]
    private static partial nint Open(string file, int flags);

    [LibraryImport("libc", EntryPoint = "dlerror")]
    private static partial nint LastError();
}
