using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Options;
using SeaGrpc.Server.Logging;
using SeaGrpc.Server.Options;

namespace SeaGrpc.Server.Security;

/// <summary>
/// The callers of the operator's file, which is read again when it changes. What runs for a caller goes on when it is removed. Nothing is
/// read where there is no such file.
/// </summary>
internal sealed class Callers : IHostedService, IDisposable
{
    private readonly SecurityOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger<Callers> _logger;
    private readonly PolledFiles<IReadOnlyList<CallerRule>>? _file;
    private volatile IReadOnlyList<CallerAccount> _accounts = [];

    /// <exception cref="FileFaultException">The file is of no use; the message says why and what to change.</exception>
    public Callers(IOptions<SecurityOptions> options, TimeProvider time, ILogger<Callers> logger)
    {
        _options = options.Value;
        _time = time;
        _logger = logger;
        if (_options.CallersFile is { } path)
        {
            _file = new PolledFiles<IReadOnlyList<CallerRule>>(
                [path], () => CallersFile.Read(path), Take, problem => logger.CallersRefused(problem));
            Take(_file.Current);
        }
    }

    /// <summary>Whether there is a file of callers, so that every call needs one of their tokens.</summary>
    public bool IsRequired => _file is not null;

    /// <summary>The caller with this token, or null. Every hash is compared, in the same time for every token.</summary>
    public CallerAccount? Find(string token)
    {
        byte[] digest = SHA256.HashData(Encoding.UTF8.GetBytes(token));
        CallerAccount? found = null;
        foreach (CallerAccount account in _accounts)
        {
            foreach (byte[] hash in account.Rule.TokenHashes)
            {
                found = CryptographicOperations.FixedTimeEquals(hash, digest) ? account : found;
            }
        }

        return found;
    }

    public Task StartAsync(CancellationToken cancellationToken)
    {
        _file?.Watch(_options.ReloadInterval, _time);
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public void Dispose() => _file?.Dispose();

    private void Take(IReadOnlyList<CallerRule> rules)
    {
        Dictionary<string, CallerAccount> before = _accounts.ToDictionary(account => account.Rule.Name);
        var accounts = new List<CallerAccount>();
        foreach (CallerRule rule in rules)
        {
            if (before.TryGetValue(rule.Name, out CallerAccount? known))
            {
                known.Rule = rule;
                accounts.Add(known);
            }
            else
            {
                accounts.Add(new CallerAccount(rule, _time));
            }
        }

        _accounts = accounts;
        _logger.CallersRead(_options.CallersFile!, accounts.Count, string.Join(", ", rules.Select(rule => rule.Name)));
    }
}
