using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using SeaGrpc.Alignment;
using SeaGrpc.Alignment.Parameters;
using SeaGrpc.Alignment.Rewards;
using SeaGrpc.Bench.Iterations;
using SeaGrpc.Cli;
using SeaGrpc.Cli.Output;
using SeaGrpc.Cli.Runs;
using SeaGrpc.Modeling;
using static TorchSharp.torch;

namespace SeaGrpc.Bench.Shared;

/// <summary>
/// <c>shared-case</c>, not shown in the help: two answers of a pair of models that are there, printed as JSON. A process of its own, so
/// that its peak memory is the case's.
/// </summary>
internal static class SharedCaseCommand
{
    private const string Name = "shared-case";
    private const int Shorter = 8;

    /// <summary>The command.</summary>
    public static Command Create()
    {
        var folder = new Option<string>("--folder") { Required = true };
        var reward = new Option<string>("--reward") { Required = true };
        var isShared = new Option<bool>("--shared");
        var prompt = BenchOptions.Count("--prompt", "Tokens of the prompt.", 128);
        var tail = BenchOptions.Count("--tail", "Tokens after every response.", 2);
        var response = BenchOptions.Count("--response", "Maximum tokens of a response.", 48, least: Shorter + 1);
        Option<MethodText> method = MethodOption.Create(SharedCommand.Method);
        var dtype = BenchOptions.Dtype();
        var threads = BenchOptions.Threads();
        var clock = BenchOptions.Clock();
        var command = new Command(Name) { folder, reward, isShared, prompt, tail, response, method, dtype, threads, clock };
        command.Hidden = true;
        command.SetAction(parse =>
        {
            if (parse.GetValue(threads) > 0)
            {
                ComputeThreads.Set(parse.GetValue(threads));
            }

            var setting = new SharedSetting(
                parse.GetValue(prompt), parse.GetValue(tail), parse.GetValue(response), parse.GetRequiredValue(method).ToString());
            SharedCase figures = Measure(
                Path.Combine(parse.GetRequiredValue(folder), "policy"),
                Path.Combine(parse.GetRequiredValue(folder), parse.GetRequiredValue(reward)),
                parse.GetValue(isShared),
                setting,
                new ModelLoadOptions("cpu", parse.GetValue(dtype)),
                parse.GetValue(clock).Reading());
            using TextWriter output = StandardOutput.Open();
            output.WriteLine(JsonSerializer.Serialize(figures, BenchJson.Options));
            return ExitCodes.Success;
        });
        return command;
    }

    /// <summary>Runs the command in a process of its own.</summary>
    public static SharedCase Run(
        string folder, string reward, bool isShared, SharedSetting setting, ModelDtype dtype, int threads, BenchClock clock)
    {
        string Text(int value) => value.ToString(CultureInfo.InvariantCulture);
        ProcessStartInfo start = OwnProgram.With(
            Name, "--folder", folder, "--reward", reward, "--shared", isShared.ToString(), "--prompt", Text(setting.PromptTokens), "--tail",
            Text(setting.Tail), "--response", Text(setting.ResponseTokens), "--method", setting.Method, "--dtype", dtype.ToString(),
            "--threads", Text(threads), "--clock", clock.ToString());
        using Process process = Process.Start(start)!;
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0
            ? JsonSerializer.Deserialize<SharedCase>(output, BenchJson.Options)!
            : throw new CliException($"The process that measures {reward} ended with exit code {process.ExitCode}.", ExitCodes.Failure);
    }

    private static SharedCase Measure(
        string policyFolder, string rewardFolder, bool isShared, SharedSetting setting, ModelLoadOptions options, Func<TimeSpan> clock)
    {
        // The first operation of a process takes memory of its own.
        using (NewDisposeScope())
        {
            ones([64, 64]).matmul(ones([64, 64]));
        }

        long before = ProcessMemory.Resident;
        using AlignmentModels models = isShared
            ? AlignmentModels.Load(policyFolder, rewardFolder, options)
            : AlignmentModels.Load(() => PolicyModel.Load(policyFolder, options), () => RewardModel.Load(rewardFolder, options));
        GC.Collect();
        ProcessMemory.ForgetPeak();
        long loaded = ProcessMemory.Resident - before;
        var start = new RandomStart(models, seed: 3);
        int[] prompt = start.Tokens(setting.PromptTokens);
        var task = new AlignmentTask
        {
            Prompt = new EncodedPrompt(prompt, [new RewardPrompt(prompt, [.. start.Tokens(setting.Tail - 1), models.Prompts.EosId])]),
            Method = MethodText.Parse(setting.Method).ToParameters(),
            Seed = 1,
            MaxResponseTokens = setting.ResponseTokens,
        };
        (double draftSeconds, AlignmentOutcome draft) = Answer(
            models, task with { Draft = start.Tokens(setting.ResponseTokens - Shorter) }, clock);
        (double sampleSeconds, AlignmentOutcome sample) = Answer(models, task, clock);
        return new SharedCase(
            draftSeconds, sampleSeconds, loaded, ProcessMemory.Peak - before, draft.Response.Energy, sample.Response.Energy, Tokens(draft),
            Tokens(sample));
    }

    private static (double Seconds, AlignmentOutcome Outcome) Answer(AlignmentModels models, AlignmentTask task, Func<TimeSpan> clock)
    {
        TimeSpan start = clock();
        using IAlignmentRun run = models.Start(task);
        while (!run.IsFinished)
        {
            run.Advance();
        }

        return ((clock() - start).TotalSeconds, run.Complete(run.FinishReason));
    }

    private static long Tokens(AlignmentOutcome outcome) => outcome.Cost.PolicyTokens + outcome.Cost.RewardTokens;
}
