using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.Options;
using SeaGrpc.Server.Logging;
using SeaGrpc.Server.Options;

namespace SeaGrpc.Server.Tls;

/// <summary>
/// The certificate that new connections get. When its files change, later connections get the new one; open ones go on. Nothing is read
/// where TLS is not configured.
/// </summary>
internal sealed class TlsCertificates : IHostedService, IDisposable
{
    private static readonly TimeSpan Day = TimeSpan.FromDays(1);

    private readonly TlsOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger<TlsCertificates> _logger;
    private readonly PolledFiles<TlsIdentity>? _files;
    private ITimer? _expiry;

    /// <exception cref="FileFaultException">A file is of no use; the message says why and what to change.</exception>
    public TlsCertificates(IOptions<TlsOptions> options, TimeProvider time, ILogger<TlsCertificates> logger)
    {
        _options = options.Value;
        _time = time;
        _logger = logger;
        if (_options.Certificate is not null)
        {
            _files = new PolledFiles<TlsIdentity>(
                _options.Files,
                () => TlsFiles.Load(_options, time.GetUtcNow()),
                identity => logger.TlsChanged(identity.Description),
                problem => logger.TlsRefused(problem));
        }
    }

    /// <summary>Makes a listener speak TLS.</summary>
    public void Secure(ListenOptions listen) => listen.UseHttps(new TlsHandshakeCallbackOptions
    {
        OnConnection = _ => ValueTask.FromResult(_files!.Current.ForConnection()),
    });

    public Task StartAsync(CancellationToken cancellationToken)
    {
        if (_files is not null)
        {
            _logger.TlsReady(_files.Current.Description);
            _files.Watch(_options.ReloadInterval, _time);
            _expiry = _time.CreateTimer(_ => WarnOfExpiry(_files.Current), null, TimeSpan.Zero, Day);
        }

        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public void Dispose()
    {
        _files?.Dispose();
        _expiry?.Dispose();
    }

    private void WarnOfExpiry(TlsIdentity identity)
    {
        if (identity.IsAboutToExpire(_time.GetUtcNow()))
        {
            _logger.TlsExpires(identity.Description);
        }
    }
}
