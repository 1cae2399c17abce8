using System.Security.Cryptography;

namespace SeaGrpc.Server;

/// <summary>
/// What was made of some files, made anew when their contents change. It reads them again and again, so it does not matter how they are
/// replaced: written, renamed, or by a symbolic link to their folder, as Kubernetes does. If the new contents are of no use, the old ones
/// stay in use.
/// </summary>
/// <typeparam name="T">What is made of the files.</typeparam>
internal sealed class PolledFiles<T> : IDisposable
    where T : class
{
    private readonly Func<string> _fingerprint;
    private readonly Func<T> _load;
    private readonly Action<T> _changed;
    private readonly Action<string> _refused;
    private volatile T _current;
    private string _seen;
    private ITimer? _timer;
    private TimeSpan _interval;

    /// <summary>Reads the files for the first time.</summary>
    /// <param name="paths">The files.</param>
    /// <param name="load">Makes something of them; throws <see cref="FileFaultException"/> if they are of no use.</param>
    /// <param name="changed">Called after each change.</param>
    /// <param name="refused">Called with the reason when changed files are of no use.</param>
    /// <exception cref="FileFaultException">The files are of no use.</exception>
    public PolledFiles(IReadOnlyList<string> paths, Func<T> load, Action<T> changed, Action<string> refused)
        : this(() => Fingerprint(paths), load, changed, refused)
    {
    }

    /// <summary>Reads the files for the first time.</summary>
    /// <param name="fingerprint">Tells whether they have changed, for files that are too large to be read again and again.</param>
    /// <param name="load">Makes something of them; throws <see cref="FileFaultException"/> if they are of no use.</param>
    /// <param name="changed">Called after each change.</param>
    /// <param name="refused">Called with the reason when changed files are of no use.</param>
    /// <exception cref="FileFaultException">The files are of no use.</exception>
    public PolledFiles(Func<string> fingerprint, Func<T> load, Action<T> changed, Action<string> refused)
    {
        _fingerprint = fingerprint;
        _load = load;
        _changed = changed;
        _refused = refused;
        _seen = fingerprint(); // Before they are loaded: a change in between is noticed later.
        _current = load();
    }

    /// <summary>What the last usable files contained.</summary>
    public T Current => _current;

    /// <summary>Begins to look at the files at an interval.</summary>
    public void Watch(TimeSpan interval, TimeProvider time)
    {
        _interval = interval;
        _timer = time.CreateTimer(_ => Look(), null, interval, Timeout.InfiniteTimeSpan);
    }

    public void Dispose() => _timer?.Dispose();

    private void Look()
    {
        string now = _fingerprint();
        if (now != _seen)
        {
            _seen = now;
            try
            {
                _current = _load();
                _changed(_current);
            }
            catch (Exception fault)
            {
                _refused(fault.Message); // Whatever it is: on a timer's thread it would end the process.
            }
        }

        try
        {
            _timer?.Change(_interval, Timeout.InfiniteTimeSpan);
        }
        catch (ObjectDisposedException)
        {
            // The server is stopping.
        }
    }

    private static string Fingerprint(IReadOnlyList<string> paths) => string.Concat(paths.Select(path =>
    {
        try
        {
            return Convert.ToHexString(SHA256.HashData(SettingsFile.Read(path)));
        }
        catch (FileFaultException fault)
        {
            return fault.Message;
        }
    }));
}
