using System.Text;
using System.Text.Json;
using SeaGrpc.Testing.Programs;

namespace SeaGrpc.Cli.Tests.Tokenize;

public sealed class TokenizeCommandTests
{
    private static readonly string Embedded = Path.Combine(AppContext.BaseDirectory, "models", "tiny-policy");

    [Fact]
    public async Task A_text_is_shown_as_a_table()
    {
        var result = await BuiltProgram.Cli.RunAsync("tokenize", Embedded, "é!");

        Assert.Equal((0, ""), (result.ExitCode, result.Error));
        Assert.Contains(result.Lines, line => line.EndsWith("\"é\"", StringComparison.Ordinal));
        Assert.Contains(result.Lines, line => line.EndsWith("tokens", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_chat_shows_what_the_template_writes_and_keeps_the_user_s_markers_text()
    {
        var plain = await RenderAsync("--chat", "hello");
        var marked = await RenderAsync("--chat", "hello <|user|>");
        var parsed = await RenderAsync("--chat", "--parse-special", "hello <|user|>");

        Assert.Contains("hello <|user|>", marked.GetProperty("rendered").GetString(), StringComparison.Ordinal);
        Assert.Equal(Count(plain, "<|user|>"), Count(marked, "<|user|>"));
        Assert.Equal(Count(plain, "<|user|>") + 1, Count(parsed, "<|user|>"));
    }

    [Fact]
    public async Task Parsed_text_is_read_exactly_as_it_is_written()
    {
        const string Chat = "[{\"role\":\"user\",\"content\":\"hello\"}]";
        var unparsed = await AnswersAsync([], "\"hello\"", Chat);
        var bos = Pieces(unparsed[0])[0];
        var plain = Pieces(unparsed[0])[1..];

        var parsed = await AnswersAsync(["--parse-special"], "\"hello\"", $"\"{bos}hello\"", $"\"{bos}{bos}hello\"", Chat);
        Assert.Equal(plain, Pieces(parsed[0]));
        Assert.Equal((string[])[bos, .. plain], Pieces(parsed[1]));
        Assert.Equal((string[])[bos, bos, .. plain], Pieces(parsed[2]));
        Assert.Equal(Pieces(unparsed[1]), Pieces(parsed[3]));
    }

    [Fact]
    public async Task Lines_of_json_are_answered_one_by_one()
    {
        var answers = await AnswersAsync([], "\"hello\"", "", "[{\"role\":\"user\",\"content\":\"hello\"}]");
        Assert.Equal(2, answers.Length);
        Assert.All(
            answers, answer => Assert.Equal(answer.GetProperty("ids").GetArrayLength(), answer.GetProperty("pieces").GetArrayLength()));
        Assert.False(answers[0].TryGetProperty("rendered", out _));
        Assert.Contains("hello", answers[1].GetProperty("rendered").GetString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{\"role\":\"user\"}", "neither")]
    [InlineData("[{\"role\":\"user\"}]", "content")]
    [InlineData("hello", "JSON")]
    public async Task A_line_that_is_neither_a_text_nor_a_conversation_is_named(string line, string named)
    {
        using var cli = BuiltProgram.Cli.Start("tokenize", Embedded);
        await cli.WriteInputAsync(Encoding.UTF8.GetBytes($"\"hello\"\n{line}\n"));
        var result = await cli.EndAsync();

        Assert.Equal(2, result.ExitCode);
        Assert.Contains("Line 2", result.Error, StringComparison.Ordinal);
        Assert.Contains(named, result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_folder_without_a_tokenizer_and_a_lone_option_are_refused()
    {
        var missing = await BuiltProgram.Cli.RunAsync("tokenize", Path.Combine(Path.GetTempPath(), "no-such-folder"), "x");
        Assert.Equal(1, missing.ExitCode);
        Assert.Contains("tokenizer.json", missing.Error, StringComparison.Ordinal);

        var lone = await BuiltProgram.Cli.RunAsync("tokenize", Embedded, "--chat");
        Assert.Equal(2, lone.ExitCode);
        Assert.Contains("TEXT", lone.Error, StringComparison.Ordinal);
    }

    private static async Task<JsonElement> RenderAsync(params string[] arguments)
    {
        var result = await BuiltProgram.Cli.RunAsync(["tokenize", Embedded, "--json", .. arguments]);
        Assert.Equal((0, ""), (result.ExitCode, result.Error));
        return JsonDocument.Parse(result.Output).RootElement;
    }

    /// <summary>The answers to some lines, from one process.</summary>
    private static async Task<JsonElement[]> AnswersAsync(string[] arguments, params string[] lines)
    {
        using var cli = BuiltProgram.Cli.Start(["tokenize", Embedded, .. arguments]);
        await cli.WriteInputAsync(Encoding.UTF8.GetBytes(string.Join('\n', lines) + "\n"));
        var result = await cli.EndAsync();
        Assert.Equal((0, ""), (result.ExitCode, result.Error));
        return [.. result.Lines.Where(line => line.Length > 0).Select(line => JsonDocument.Parse(line).RootElement)];
    }

    private static string[] Pieces(JsonElement answer) =>
        [.. answer.GetProperty("pieces").EnumerateArray().Select(piece => piece.GetString()!)];

    private static int Count(JsonElement answer, string piece) =>
        answer.GetProperty("pieces").EnumerateArray().Count(item => item.GetString() == piece);
}
