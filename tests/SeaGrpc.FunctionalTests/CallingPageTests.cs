using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using SeaGrpc.FunctionalTests.Support;

namespace SeaGrpc.FunctionalTests;

/// <summary>
/// The pages' console blocks: every <c>buf curl</c> and <c>grpcurl</c> command runs against a real server with the embedded models, and
/// prints what the page says: errors, lists and answers to the letter, but for the last digits of figures and for what is new in every
/// call.
/// </summary>
public sealed partial class CallingPageTests
{
    private const string ServerOfThePages = "127.0.0.1:50051";

    /// <summary>A command that another one, below it on the page, ends.</summary>
    private const string EndedFromOutside = "STOP_REASON_CANCELLED";

    /// <summary>As a person would be slower still: a run that has no draft yet is cancelled without an answer.</summary>
    private static readonly TimeSpan UntilThereIsAnAnswer = TimeSpan.FromSeconds(2);

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    /// <summary>Of a figure; processors differ in the last digits.</summary>
    private const double Tolerance = 1e-4;

    [Theory]
    [InlineData("README.md", 3)]
    [InlineData("docs/calling.md", 10)]
    [InlineData("docs/debugging.md", 7)]
    public async Task Buf_curl_prints_what_the_page_says(string page, int atLeast) =>
        await CompareAsync(await BlocksAsync(page, "npx [^\n]* buf curl", atLeast));

    [Theory]
    [InlineData("docs/calling.md", 12)]
    [InlineData("docs/debugging.md", 4)]
    public async Task Grpcurl_prints_what_the_page_says(string page, int atLeast)
    {
        (string Command, string Said)[] blocks = await BlocksAsync(page, "grpcurl", atLeast);
        if (Grpcurl.IsThere)
        {
            await CompareAsync(blocks);
            return;
        }

        Assert.Empty(blocks.SelectMany(block => Grpcurl.Described(block.Command) is { } symbol ? Grpcurl.Faults(symbol, block.Said) : []));
        await CompareAsync(
            [.. blocks.Where(block => Grpcurl.Described(block.Command) is null)
                .Select(block => Grpcurl.ToBufCurl(block.Command, block.Said))]);
    }

    private static async Task CompareAsync((string Command, string Said)[] blocks)
    {
        string models = Path.Combine(AppContext.BaseDirectory, "models");
        await using RunningServer server = await RunningServer.StartAsync(
            null, $"Models:Policy={Path.Combine(models, "tiny-policy")}", $"Models:Reward={Path.Combine(models, "tiny-reward")}");
        (string Said, Task<string> Output)? pending = null;
        foreach ((string command, string said) in blocks)
        {
            Task<string> output = RunAsync(command.Replace(ServerOfThePages, new Uri(server.Address).Authority, StringComparison.Ordinal));
            if (said.Contains(EndedFromOutside, StringComparison.Ordinal))
            {
                pending = (said, output);
                await UntilAsync(() => server.Models.Engine.RunningJobs > 0);
                await Task.Delay(UntilThereIsAnAnswer);
                continue;
            }

            AssertSaid(said, await output, IsRepeatable(command));
            if (pending is { } ended)
            {
                pending = null;
                AssertSaid(ended.Said, await ended.Output.WaitAsync(Patience), areValuesHeld: false);
            }
        }
    }

    private static async Task<(string Command, string Said)[]> BlocksAsync(string page, string program, int atLeast)
    {
        string text = await File.ReadAllTextAsync(Path.Combine(Repository.Root, page));
        (string Command, string Said)[] blocks =
        [
            .. Regex.Matches(text, $@"```console\n\$ ({program} (?:[^\n]*\\\n)*[^\n]*)\n(.*?)```", RegexOptions.Singleline)
                .Select(block => (block.Groups[1].Value, block.Groups[2].Value)),
        ];
        Assert.True(blocks.Length >= atLeast, $"{page} has {blocks.Length} commands of {program}.");
        return blocks;
    }

    private static async Task<string> RunAsync(string command)
    {
        using Process process = Process.Start(new ProcessStartInfo("bash", ["-c", command])
        {
            WorkingDirectory = Repository.Root,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        string output = await process.StandardOutput.ReadToEndAsync() + await errors;
        await process.WaitForExitAsync();
        return output;
    }

    /// <summary>An alignment without a seed is another one in every call.</summary>
    private static bool IsRepeatable(string command) =>
        !Regex.IsMatch(command, "AlignmentService/(Stream)?Align") || command.Contains("\"seed\"", StringComparison.Ordinal);

    private static void AssertSaid(string said, string output, bool areValuesHeld)
    {
        (Regex pattern, IReadOnlyList<double> figures) = Pattern(said, areValuesHeld);
        Assert.Matches(pattern, output);
        double[] printed =
            [.. pattern.Match(output).Groups.Values.Skip(1).Select(group => double.Parse(group.Value, CultureInfo.InvariantCulture))];
        Assert.All(figures.Zip(printed), pair => Assert.Equal(pair.First, pair.Second, Tolerance * Math.Max(1, Math.Abs(pair.First))));
    }

    /// <summary>
    /// An ellipsis stands for any lines; figures are captured; of values that are new in every call only the name counts.
    /// </summary>
    private static (Regex Pattern, IReadOnlyList<double> Figures) Pattern(string said, bool areValuesHeld)
    {
        bool isError = said.Contains("\"code\":", StringComparison.Ordinal) || said.Contains("  Code: ", StringComparison.Ordinal);
        var pattern = new StringBuilder("^");
        var figures = new List<double>();
        foreach (string line in said.TrimEnd('\n').Split('\n'))
        {
            Match field = Value().Match(line);
            string name = field.Groups["name"].Value;
            if (line.Trim() == "…")
            {
                pattern.Append(@"(?:[^\n]*\n)*?");
            }
            else if (isError || !field.Success)
            {
                pattern.Append(Literal(line)).Append(@"\n");
            }
            else if (!areValuesHeld || New().IsMatch(name))
            {
                pattern.Append(Literal(name)).Append(@"[^\n]*\n");
            }
            else if (field.Groups["figure"] is { Success: true } figure)
            {
                pattern.Append(Literal(name)).Append(@"(-?[0-9.]+),?\n");
                figures.Add(double.Parse(figure.Value, CultureInfo.InvariantCulture));
            }
            else
            {
                pattern.Append(Literal(line.TrimEnd(','))).Append(@",?\n");
            }
        }

        return (new Regex(pattern.Append('$').ToString(), RegexOptions.NonBacktracking), figures);

        // How many blanks follow a name's colon differs between builds of buf.
        static string Literal(string text) => Regex.Escape(text).Replace(@""":\ ", @""":\s+", StringComparison.Ordinal);
    }

    /// <summary>A field with a plain value.</summary>
    [GeneratedRegex(@"^(?<name>\s*""\w+"": )(?:(?<figure>-?[0-9]+\.[0-9]+),?$|(?=[^{\[]))")]
    private static partial Regex Value();

    /// <summary>Names of values that are new in every call, or another machine's.</summary>
    [GeneratedRegex(@"""(?:\w*[dD]uration|alignment_?[iI]d|memory_?[bB]udget_?[bB]ytes)""")]
    private static partial Regex New();

    private static async Task UntilAsync(Func<bool> isSo)
    {
        using var patience = new CancellationTokenSource(Patience);
        while (!isSo())
        {
            await Task.Delay(20, patience.Token);
        }
    }
}
