using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;

namespace SeaGrpc.Modeling.Transformer.Cpu;

/// <summary>
/// Runs work on the threads of libtorch's own operators. These threads spin for a while waiting for the next operator. Threads of the .NET
/// pool would compete with them for the same cores, and the work would take as long as on one thread.
/// </summary>
/// <remarks>
/// libtorch uses the OpenMP library of GNU or Intel. Both start a team with GOMP_parallel (libgomp, "The libgomp ABI"). If no such library
/// is loaded, the threads of the .NET pool do the work.
/// </remarks>
internal static unsafe class ThreadTeam
{
    private static readonly Library? Loaded = Library.Find();

    /// <summary>Runs parts [0, parts) in parallel. Throws the first exception of any part.</summary>
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

    // A team may be smaller than requested, so its members take parts until none is left.
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
                // No exception may propagate into the library's frames.
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

        /// <summary>The OpenMP library that libtorch uses, or null.</summary>
        public static Library? Find()
        {
            // Reading the number of threads loads libtorch if it is not loaded yet.
            if (!OperatingSystem.IsLinux() || ComputeThreads.Count < 1)
            {
                return null;
            }

            // The last field of a line is the file's path.
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
