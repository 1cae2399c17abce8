using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using SeaGrpc.Modeling.Tokenization;
using SeaGrpc.Modeling.Tokenization.Jinja;

namespace SeaGrpc.Modeling.Tests.Tokenization;

/// <summary>
/// Templates beside what Python's Jinja writes for them in the environment of transformers: JinjaPythonTable.json, which
/// tests/tools/jinja-oracle.py fills in. A row is a template, perhaps its variables, and the text or the name of Python's error.
/// </summary>
public sealed class JinjaPythonTableTests
{
    private const string Python = "/usr/bin/python3";

    private static readonly string Folder = Path.GetDirectoryName(SourcePath())!;
    private static readonly string Table = Path.Combine(Folder, "JinjaPythonTable.json");
    private static readonly string Script = Path.GetFullPath(Path.Combine(Folder, "..", "..", "tools", "jinja-oracle.py"));

    [Fact]
    public void Templates_render_as_in_python()
    {
        using var table = JsonDocument.Parse(File.ReadAllText(Table));
        var differences = new List<string>();
        foreach (var row in table.RootElement.EnumerateArray())
        {
            var (expected, actual) = (TextOf(row), Render(row));
            if (expected != actual)
            {
                differences.Add($"{row.GetProperty("template")}\n   ours   {actual ?? "an error"}\n   Python {expected ?? "an error"}");
            }
        }

        Assert.True(table.RootElement.GetArrayLength() > 1500);
        Assert.True(differences.Count == 0, $"{differences.Count} differences\n{string.Join('\n', differences.Take(20))}");
    }

    [Fact]
    public async Task Python_gives_what_the_table_says()
    {
        Assert.SkipUnless(await HasJinjaAsync(), $"{Python} has no Jinja: apt-get install python3-jinja2");
        var input = await File.ReadAllTextAsync(Table, TestContext.Current.CancellationToken);
        using var table = JsonDocument.Parse(input);
        using var answers = JsonDocument.Parse(await RunAsync(input, "-W", "ignore", Script));
        foreach (var (row, answer) in table.RootElement.EnumerateArray().Zip(answers.RootElement.EnumerateArray()))
        {
            Assert.True(TextOf(row) == TextOf(answer), $"{row}\nPython gives {answer}");
        }
    }

    private static string? TextOf(JsonElement row) => row.TryGetProperty("text", out var text) ? text.GetString() : null;

    private static string? Render(JsonElement row)
    {
        var variables = row.TryGetProperty("context", out var context)
            ? context.EnumerateObject().Select(pair => KeyValuePair.Create(pair.Name, ValueOf(pair.Value)))
            : [];
        try
        {
            return JinjaInterpreter.Render(JinjaParser.Parse(row.GetProperty("template").GetString()!), variables, new FixedClock());
        }
        catch (ChatTemplateException)
        {
            return null;
        }
    }

    private static object? ValueOf(JsonElement element)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.Array:
                return element.EnumerateArray().Select(ValueOf).ToList();
            case JsonValueKind.Object:
                var map = new JinjaMap();
                foreach (var pair in element.EnumerateObject())
                {
                    map[pair.Name] = ValueOf(pair.Value);
                }

                return map;
            case JsonValueKind.Number:
                return element.TryGetInt64(out var whole) ? (object)whole : element.GetDouble();
            case JsonValueKind.True or JsonValueKind.False:
                return element.GetBoolean();
            default:
                return element.GetString();
        }
    }

    private static async Task<bool> HasJinjaAsync()
    {
        try
        {
            await RunAsync("", "-c", "import jinja2");
            return true;
        }
        catch (Exception e) when (e is System.ComponentModel.Win32Exception or InvalidOperationException)
        {
            return false;
        }
    }

    private static async Task<string> RunAsync(string input, params string[] arguments)
    {
        var utf8 = new UTF8Encoding(false);
        using var process = Process.Start(new ProcessStartInfo(Python, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardInputEncoding = utf8,
            StandardOutputEncoding = utf8,
        })!;
        var output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        var errors = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.StandardInput.WriteAsync(input);
        process.StandardInput.Close();
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return process.ExitCode == 0 ? await output : throw new InvalidOperationException(await errors);
    }

    private static string SourcePath([CallerFilePath] string path = "") => path;

    private sealed class FixedClock : TimeProvider
    {
        public override TimeZoneInfo LocalTimeZone => TimeZoneInfo.Utc;

        public override DateTimeOffset GetUtcNow() => new(2025, 2, 3, 4, 5, 6, TimeSpan.Zero);
    }
}
