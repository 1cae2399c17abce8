using System.CommandLine;
using SeaGrpc.Cli.Output;
using SeaGrpc.Modeling.Checkpoints;
using SeaGrpc.Modeling.Tokenization;

namespace SeaGrpc.Cli.Tokenize;

/// <summary><c>tokenize</c>: what a checkpoint's tokenizer and chat template make of a text or a conversation.</summary>
internal static class TokenizeCommand
{
    /// <summary>The command.</summary>
    public static Command Create()
    {
        var folder = new Argument<DirectoryInfo>("FOLDER")
        {
            Description = "A Hugging Face folder with tokenizer.json; weights are not needed.",
        };
        var text = new Argument<string?>("TEXT")
        {
            Description =
                "The text. Without it, JSON lines from standard input: a string, or a list of {\"role\", \"content\"}; "
                    + "a JSON line answers each.",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var chat = new Option<bool>("--chat")
        {
            Description = "TEXT is a user's message: render it through the chat template, and show that.",
        };
        var json = new Option<bool>("--json") { Description = "Print one JSON object for TEXT and nothing else on standard output." };
        var parsesSpecial = new Option<bool>("--parse-special")
        {
            Description =
                "Special tokens inside the text are control, and a text is read exactly as written: no BOS is added. "
                    + "Without it they are text, as for the server.",
        };
        var command = new Command("tokenize", "Show the ids and pieces that a model's tokenizer and chat template produce from a text.")
        {
            folder, text, chat, json, parsesSpecial,
        };
        command.Validators.Add(result =>
        {
            if (result.GetValue(text) is null && (result.GetValue(chat) || result.GetValue(json)))
            {
                result.AddError(
                    "--chat and --json need TEXT; each JSON line from standard input is a string or a conversation, "
                        + "and is answered in JSON.");
            }
        });
        command.SetAction(async (parse, cancellation) =>
        {
            var texts = Load(parse.GetRequiredValue(folder).FullName, parse.GetValue(parsesSpecial));
            await using var output = StandardOutput.Open();
            if (parse.GetValue(text) is not { } given)
            {
                await AnswerLinesAsync(texts, output, cancellation);
                return ExitCodes.Success;
            }

            var encoded = parse.GetValue(chat) ? texts.EncodeChat([new ChatMessage("user", given)]) : texts.EncodeText(given);
            await output.WriteLineAsync(parse.GetValue(json) ? EncodedTextJson.Of(encoded) : EncodedTextTable.Of(encoded));
            return ExitCodes.Success;
        });
        return command;
    }

    private static TextEncoder Load(string folder, bool parsesSpecialTokens)
    {
        try
        {
            return new TextEncoder(Tokenizer.Load(folder), ChatTemplate.Load(folder), parsesSpecialTokens);
        }
        catch (Exception error) when (error is CheckpointException or ChatTemplateException)
        {
            throw new CliException(error.Message, ExitCodes.Failure, error);
        }
    }

    private static async Task AnswerLinesAsync(TextEncoder texts, TextWriter output, CancellationToken cancellation)
    {
        using var input = new StreamReader(Console.OpenStandardInput());
        for (var number = 1; await input.ReadLineAsync(cancellation) is { } line; number++)
        {
            if (!string.IsNullOrWhiteSpace(line))
            {
                await output.WriteLineAsync(EncodedTextJson.Of(InputLine.Encode(line, number, texts)));
            }
        }
    }
}
