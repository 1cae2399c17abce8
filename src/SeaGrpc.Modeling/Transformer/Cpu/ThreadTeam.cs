using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;

namespace SeaGrpc.Modeling.Transformer.Cpu;

/// <summary>
/// The threads that libtorch's own operators run on, for work between them. They wait for the next operator by spinning for a while:
/// threads of the .NET pool would share their cores with them, and take as long as one thread alone.
/// </summary>
/// <remarks>
/// libtorch uses OpenMP by GNU's or Intel's library, both of which start a team by GOMP_parallel (libgomp, "The libgomp ABI"). Where no
/// such library is loaded, the pool's threads do the work.
/// </remarks>
internal static unsafe class ThreadTeam
{
    private static readonly Library? Loaded = Library.Find();

    /// <summary>Does parts [0, parts) at the same time; throws the first exception of any.</summary>
    public static void Run(int parts, Action<int> body)
    {
        var work = new Work(body, parts);
        if (Loaded is null)
        {
            Parallel.For(0, parts, new ParallelOptions { MaxDegreeOfParallelism = parts }, _ => Member(work));
            work.Failure?.Throw();
            return;
        }

        GCHandle handle = GCHandle.Alloc(work);
        try
        {
            Loaded.Start(&Member, (void*)GCHandle.ToIntPtr(handle), (uint)parts, 0);
        }
        finally
        {
            handle.Free();
        }

        work.Failure?.Throw();
    }

    // A team may turn out smaller than was asked for: its members take parts until none is left.
    [UnmanagedCallersOnly]
    private static void Member(void* data) => Member((Work)GCHandle.FromIntPtr((nint)data).Target!);

    private static void Member(Work work)
    {
        while (work.Next() is { } part)
        {
            try
            {
                work.Body(part);
            }
            catch (Exception thrown)
            {
                // No exception may leave through the library's frames.
                work.Failure ??= ExceptionDispatchInfo.Capture(thrown);
            }
        }
    }

    private sealed class Work(Action<int> body, int parts)
    {
        private int _taken = -1;

        public Action<int> Body => body;

        public ExceptionDispatchInfo? Failure { get; set; }

        public int? Next() => Interlocked.Increment(ref _taken) is var part && part < parts ? part : null;
    }

    private sealed class Library(delegate* unmanaged<delegate* unmanaged<void*, void>, void*, uint, uint, void> start)
    {
        public void Start(delegate* unmanaged<void*, void> member, void* data, uint threads, uint flags) =>
            start(member, data, threads, flags);

        /// <summary>The OpenMP library that libtorch has loaded, or null.</summary>
        public static Library? Find()
        {
            // Asking for the number of threads loads libtorch, where nothing has yet.
            if (!OperatingSystem.IsLinux() || ComputeThreads.Count < 1)
            {
                return null;
            }

            // A maps line ends with the file's path.
            string? path = File.ReadLines("/proc/self/maps")
                .Select(line => line[(line.IndexOf('/', StringComparison.Ordinal) is var at and >= 0 ? at : line.Length)..])
                .FirstOrDefault(name =>
                    Path.GetFileName(name) is var file
                    && (file.StartsWith("libgomp", StringComparison.Ordinal) || file.StartsWith("libiomp", StringComparison.Ordinal))
                );
            return
                path is not null
                && NativeLibrary.TryLoad(path, out nint library)
                && NativeLibrary.TryGetExport(library, "GOMP_parallel", out nint start)
                ? new Library((delegate* unmanaged<delegate* unmanaged<void*, void>, void*, uint, uint, void>)start)
                : null;
        }
    }
}
