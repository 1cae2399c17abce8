using System.CommandLine;

namespace SeaGrpc.Cli.Commands;

/// <summary><c>align</c>: aligns the answer to any prompt.</summary>
internal static class AlignCommand
{
    /// <summary>The command.</summary>
    public static Command Create()
    {
        var prompt = new Argument<string>("PROMPT") { Description = "What the user says; - reads it from standard input." };
        var json = new Option<bool>("--json") { Description = "Print only JSON on standard output, one object per event and line." };
        var verbose = new Option<bool>("--verbose") { Description = "Show the log of a server inside this process on standard error." };
        var options = new AlignmentOptions();
        var command = new Command(
            "align",
            "Align the answer to a prompt and show the progress. Ctrl-C ends the run with the best answer so far; a second quits at once.")
        {
            prompt, json, verbose,
        };
        options.AddTo(command);
        command.SetAction(async (parse, _) =>
        {
            var arguments = options.Read(parse, await PromptSource.ReadAsync(parse.GetRequiredValue(prompt)));
            using var run = new AlignmentCommandRun(parse.GetValue(json));
            await run.RunAsync(
                arguments, options.Server(parse), options.Token(parse), parse.GetValue(verbose), options.Certificates(parse));
            return ExitCodes.Success;
        });
        return command;
    }
}
