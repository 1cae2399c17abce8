using System.Runtime.InteropServices;
using SeaGrpc.Modeling.SelfCheck;

namespace SeaGrpc.Modeling;

/// <summary>Selects the libtorch that the process computes with: the one in the build, or an installed one such as PyTorch's.</summary>
/// <remarks>
/// The dynamic loader finds a loaded library by its name. Once a folder's libraries are in the process, TorchSharp's own native library
/// binds to them, wherever they are (docs/decisions/0006).
/// </remarks>
public static class LibTorch
{
    /// <summary>Environment variable with the folder of a libtorch.</summary>
    public const string Variable = "SEAGRPC_LIBTORCH";

    /// <summary>The version that TorchSharp was compiled against, as major.minor. Asking TorchSharp for it would load libtorch.</summary>
    public const string NeededVersion = "2.10";

    /// <summary>The versions that have been tested, as major.minor.</summary>
    public const string KnownVersions = "2.10 and 2.11";

    private const string Core = "libtorch_cpu.so";
    private static readonly Lazy<Library> Loaded = new(
        () => Load(Environment.GetEnvironmentVariable(Variable)), LazyThreadSafetyMode.ExecutionAndPublication);
    private static bool _isSelfCheck;

    /// <summary>The folder it was loaded from; null for the build's own.</summary>
    public static string? Folder => Loaded.Value.Folder;

    /// <summary>Its version as major.minor, or "before 2.9" if it does not report one.</summary>
    public static string Version => Loaded.Value.Version;

    /// <summary>Loads libtorch if it is not loaded yet. Call this before anything computes.</summary>
    /// <remarks>
    /// A version other than <see cref="NeededVersion"/> is accepted if this program, run again as its own self-check, computes correctly
    /// with it.
    /// </remarks>
    /// <exception cref="LibTorchException">
    /// The folder contains no libtorch, the libtorch failed the self-check, there is none at all, or TorchSharp's native library is
    /// missing, as it is on linux-arm64. The message says what is needed.
    /// </exception>
    public static void EnsureLoaded() => _ = Loaded.Value;

    /// <summary>Loads libtorch regardless of its version, for the self-check.</summary>
    /// <exception cref="LibTorchException">
    /// There is no libtorch, it cannot be loaded, or it lacks a symbol that TorchSharp needs.
    /// </exception>
    public static void LoadForSelfCheck()
    {
        _isSelfCheck = true;
        if (Loaded.Value.Folder is not null && NativeSymbols.FindMissing() is { } missing)
        {
            throw new LibTorchException($"TorchSharp's native library does not bind to it: {missing}");
        }
    }

    private static Library Load(string? folder)
    {
        Library library = Find(folder);
        return HasBindings || NativeLibrary.TryLoad(NativeSymbols.Bindings, out _) ? library : throw new LibTorchException(NoBindings);
    }

    private static Library Find(string? folder)
    {
        string? own = NativeSymbols.FolderOf(Core);
        if (string.IsNullOrEmpty(folder))
        {
            return own is not null || NativeLibrary.TryLoad(Core, out _)
                ? new Library(null, NeededVersion)
                : throw new LibTorchException(HasBindings ? $"This build contains no libtorch. {Wanted}" : NoBindings);
        }

        if (own is not null)
        {
            throw new LibTorchException(
                $"{Variable} is {folder}, but this build contains its own libtorch ({own}), and a process cannot load two: unset it, or "
                    + "build with -p:Accelerator=external.");
        }

        folder = Path.GetFullPath(folder);
        string core = Path.Combine(folder, Core);
        if (!File.Exists(core))
        {
            throw new LibTorchException($"{Variable} is {folder}, but there is no {core}. {Wanted}");
        }

        string version = VersionOf(Open(core));
        if (version != NeededVersion && !_isSelfCheck && SelfCheckProcess.FindFailure() is { } failure)
        {
            throw new LibTorchException(
                $"{Variable} is {folder}, a libtorch of version {version}, and it failed the self-check: {failure} Versions known to work: "
                    + $"{KnownVersions}. {Wanted}");
        }

        // libtorch.so links its parts, usually including CUDA's. The CUDA part is also loaded by name, for folders where it does not.
        foreach (string part in (string[])["libtorch.so", "libtorch_cuda.so"])
        {
            string file = Path.Combine(folder, part);
            if (File.Exists(file))
            {
                Open(file);
            }
        }

        return new Library(folder, version);
    }

    private static string Wanted =>
        $"Set the environment variable {Variable} to the folder that holds the libraries of libtorch {NeededVersion}: "
        + $"torch/lib of a PyTorch {NeededVersion} install "
        + "(python3 -c \"import os, torch; print(os.path.join(os.path.dirname(torch.__file__), 'lib'))\" prints it), "
        + "or lib of a libtorch archive with the C++11 ABI.";

    private static bool HasBindings => NativeSymbols.FolderOf(NativeSymbols.Bindings) is not null;

    private static string NoBindings
    {
        get
        {
            const string Calls = "What only calls a server works as it is: align --server, load --server, replay.";
            string platform = RuntimeInformation.RuntimeIdentifier;
            string folder = AppContext.BaseDirectory;
            if (!OperatingSystem.IsLinux())
            {
                return $"What computes runs on Linux alone, and this is {platform}. {Calls}";
            }

            string lacking = $"This build lacks {NativeSymbols.Bindings}, TorchSharp's native library";
            return RuntimeInformation.ProcessArchitecture == Architecture.X64
                ? $"{lacking}: put it into {folder}, or install the program for {platform} again."
                : $"{lacking}, which TorchSharp does not publish for {platform}. Build it from TorchSharp's source as docs/install.md "
                    + $"describes, put it into {folder}, and set {Variable} to the folder of the libtorch that it was built with. {Calls}";
        }
    }

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

    private static unsafe string VersionOf(nint core)
    {
        // Major, minor and patch are in the upper three bytes. libtorch before 2.9 has no such function.
        if (!NativeLibrary.TryGetExport(core, "aoti_torch_abi_version", out nint function))
        {
            return "before 2.9";
        }

        ulong version = ((delegate* unmanaged<ulong>)function)();
        return $"{version >> 56}.{(version >> 48) & 0xFF}";
    }

    private sealed record Library(string? Folder, string Version);
}

/// <summary>There is no suitable libtorch.</summary>
public sealed class LibTorchException(string message, Exception? cause = null) : Exception(message, cause);
