using SeaGrpc.Cli.Connections;
using SeaGrpc.Cli.Output;
using SeaGrpc.Cli.Runs;
using SeaGrpc.V1;
using Spectre.Console;

namespace SeaGrpc.Cli.Commands;

/// <summary>One alignment from the command line: connects or starts a server, runs, shows.</summary>
internal sealed class AlignmentCommandRun : IDisposable
{
    private const int ShownPromptCharacters = 400;

    private readonly Interrupts _interrupts;

    /// <summary>Prepares the output and takes the signals over.</summary>
    /// <param name="json">Whether the output is JSON lines.</param>
    public AlignmentCommandRun(bool json)
    {
        IsJson = json;
        IsRich = !json && TerminalSettings.IsRich;
        Output = IsRich ? Console.Out : StandardOutput.Open();
        Terminal = IsRich ? AnsiConsole.Console : null;
        _interrupts = new Interrupts(() => Terminal?.Cursor.Show());
    }

    /// <summary>Whether standard output is a terminal that may be redrawn.</summary>
    public bool IsRich { get; }

    /// <summary>Whether the output is JSON lines.</summary>
    public bool IsJson { get; }

    /// <summary>Standard output.</summary>
    public TextWriter Output { get; }

    /// <summary>The terminal; null if the output is plain.</summary>
    public IAnsiConsole? Terminal { get; }

    /// <summary>Runs one alignment.</summary>
    /// <param name="arguments">The arguments of the command.</param>
    /// <param name="server">The server; null starts one inside this process.</param>
    /// <param name="token">Bearer token for the server.</param>
    /// <param name="verbose">Whether a server inside this process logs to standard error.</param>
    /// <param name="tls">The certificates of TLS; null for the system's.</param>
    /// <returns>How it ended.</returns>
    /// <exception cref="CliException">It failed, in plain words.</exception>
    public async Task<AlignmentFinal> RunAsync(
        AlignmentArguments arguments, ServerAddress? server, string? token, bool verbose, CallerCertificates? tls = null)
    {
        await using var embedded = server is null ? await EmbeddedSidecar.StartAsync(verbose) : null;
        using var connection = new SidecarConnection(server ?? ServerAddress.Parse(embedded!.Address)!, token, tls);
        var info = await connection.InfoAsync();
        if (!IsJson)
        {
            await WriteHeaderAsync(info, connection, arguments, isEmbedded: embedded is not null);
        }

        var session = new AlignmentSession(connection, _interrupts);
        return await View().ShowAsync(session.RunAsync(arguments.ToSpec()));
    }

    public void Dispose() => _interrupts.Dispose();

    private IAlignmentView View() => IsJson ? new JsonView(Output)
        : Terminal is not null ? new LiveView(Terminal, _interrupts.Requested)
        : new PlainView(Output);

    private async Task WriteHeaderAsync(
        GetServerInfoResponse info, SidecarConnection connection, AlignmentArguments arguments, bool isEmbedded)
    {
        await WriteLineAsync(ModelLine.Of(info, isEmbedded ? null : connection.Address.Text, arguments.Model));
        var isLong = arguments.Prompt.Length > ShownPromptCharacters;
        await WriteLineAsync(
            $"Prompt: {MarkedText.Printable(isLong ? arguments.Prompt[..ShownPromptCharacters] + "…" : arguments.Prompt)}");
    }

    /// <summary>Writes a line of prose, wrapped at words on a terminal.</summary>
    public async Task WriteLineAsync(string line)
    {
        if (Terminal is not null)
        {
            Terminal.WriteLine(line);
        }
        else
        {
            await Output.WriteLineAsync(line);
        }
    }
}
