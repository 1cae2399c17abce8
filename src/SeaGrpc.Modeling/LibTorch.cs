using System.Runtime.InteropServices;

namespace SeaGrpc.Modeling;

/// <summary>Which libtorch the process computes with: the build's own, or one that is already there, a PyTorch install's say.</summary>
/// <remarks>
/// Libraries that are loaded under a name are taken for that name again: once a folder's libraries are in the process, TorchSharp's own
/// native library binds to them, wherever they lie. docs/decisions/0006 tells the rest.
/// </remarks>
public static class LibTorch
{
    /// <summary>The environment variable that names the folder of a libtorch.</summary>
    public const string Variable = "SEAGRPC_LIBTORCH";

    /// <summary>The version that is needed, as major.minor: TorchSharp's. To ask TorchSharp for it is to have it load libtorch.</summary>
    public const string NeededVersion = "2.10";

    private const string Core = "libtorch_cpu.so";
    private static readonly Lazy<string?> Loaded = new(() => Load(Environment.GetEnvironmentVariable(Variable)), LazyThreadSafetyMode.ExecutionAndPublication);

    /// <summary>Where it was loaded from; null where the build has its own.</summary>
    public static string? Folder => Loaded.Value;

    /// <summary>Loads it, unless it is; call it before anything computes.</summary>
    /// <exception cref="LibTorchException">The folder has none, or one of another version, or there is none at all; the message says what is needed.</exception>
    public static void EnsureLoaded() => _ = Loaded.Value;

    private static string? Load(string? folder)
    {
        string? own = OwnFolder();
        if (string.IsNullOrEmpty(folder))
        {
            return own is not null || NativeLibrary.TryLoad(Core, out _)
                ? null
                : throw new LibTorchException($"This build brings no libtorch of its own. {Wanted}");
        }

        if (own is not null)
        {
            throw new LibTorchException(
                $"{Variable} is {folder}, but this build brings its own libtorch ({own}), and one process cannot hold two: unset it, or build with -p:Accelerator=external.");
        }

        folder = Path.GetFullPath(folder);
        string core = Path.Combine(folder, Core);
        if (!File.Exists(core))
        {
            throw new LibTorchException($"{Variable} is {folder}, but there is no {core}. {Wanted}");
        }

        CheckVersion(Open(core), folder);
        // libtorch.so names what belongs to it, CUDA's part too; that is loaded by name as well, for a folder whose libtorch.so does not.
        foreach (string part in (string[])["libtorch.so", "libtorch_cuda.so"])
        {
            string file = Path.Combine(folder, part);
            if (File.Exists(file))
            {
                Open(file);
            }
        }

        return folder;
    }

    private static string Wanted =>
        $"Set the environment variable {Variable} to the folder that holds the libraries of libtorch {NeededVersion}: torch/lib of a PyTorch {NeededVersion} install " +
        "(python3 -c \"import os, torch; print(os.path.join(os.path.dirname(torch.__file__), 'lib'))\" prints it), or lib of a libtorch archive with the C++11 ABI.";

    private static nint Open(string file)
    {
        try
        {
            return NativeLibrary.Load(file);
        }
        catch (Exception failure) when (failure is DllNotFoundException or BadImageFormatException)
        {
            throw new LibTorchException($"{failure.Message.Trim().Split('\n')[^1]}: it cannot be loaded. {Wanted}", failure);
        }
    }

    private static unsafe void CheckVersion(nint core, string folder)
    {
        // Major, minor and patch in the upper three bytes; libtorch before 2.9 does not tell.
        string found = "before 2.9";
        if (NativeLibrary.TryGetExport(core, "aoti_torch_abi_version", out nint function))
        {
            ulong version = ((delegate* unmanaged<ulong>)function)();
            found = $"{version >> 56}.{(version >> 48) & 0xFF}";
        }

        if (found != NeededVersion)
        {
            throw new LibTorchException($"{Variable} is {folder}, a libtorch of version {found}, but {NeededVersion} is needed. {Wanted}");
        }
    }

    /// <summary>The folder among those that the runtime looks for native libraries in that has a libtorch.</summary>
    private static string? OwnFolder() => ((string?)AppContext.GetData("NATIVE_DLL_SEARCH_DIRECTORIES") ?? "")
        .Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
        .Append(AppContext.BaseDirectory)
        .FirstOrDefault(folder => File.Exists(Path.Combine(folder, Core)));
}

/// <summary>No libtorch that fits.</summary>
public sealed class LibTorchException(string message, Exception? cause = null) : Exception(message, cause);
