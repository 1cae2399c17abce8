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
/// <c>shared-case</c>, not shown in the help: two answers of a pair of models that are there, loaded as separate models, as models that
/// share, or as both, printed as JSON. A process of its own, so that its peak memory is the case's. Loaded as both, the two sides take
/// turns step by step, so a machine that changes its speed changes it for both.
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
        var sides = new Option<SharedSide[]>("--side") { Required = true };
        var prompt = BenchOptions.Count("--prompt", "Tokens of the prompt.", 128);
        var tail = BenchOptions.Count("--tail", "Tokens after every response.", 2);
        var response = BenchOptions.Count("--response", "Maximum tokens of a response.", 48, least: Shorter + 1);
        Option<MethodText> method = MethodOption.Create(SharedCommand.Method);
        var dtype = BenchOptions.Dtype();
        var threads = BenchOptions.Threads();
        var clock = BenchOptions.Clock();
        var command = new Command(Name) { folder, reward, sides, prompt, tail, response, method, dtype, threads, clock };
        command.Hidden = true;
        command.SetAction(parse =>
        {
            if (parse.GetValue(threads) > 0)
            {
                ComputeThreads.Set(parse.GetValue(threads));
            }

            var setting = new SharedSetting(
                parse.GetValue(prompt), parse.GetValue(tail), parse.GetValue(response), parse.GetRequiredValue(method).ToString());
            SharedCase[] figures = Measure(
                Path.Combine(parse.GetRequiredValue(folder), "policy"),
                Path.Combine(parse.GetRequiredValue(folder), parse.GetRequiredValue(reward)),
                parse.GetRequiredValue(sides),
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
    /// <returns>A case for each side.</returns>
    public static SharedCase[] Run(
        string folder, string reward, SharedSide[] sides, SharedSetting setting, ModelDtype dtype, int threads, BenchClock clock)
    {
        string Text(int value) => value.ToString(CultureInfo.InvariantCulture);
        ProcessStartInfo start = OwnProgram.With([
            Name, "--folder", folder, "--reward", reward, "--prompt", Text(setting.PromptTokens), "--tail", Text(setting.Tail),
            "--response", Text(setting.ResponseTokens), "--method", setting.Method, "--dtype", dtype.ToString(),
            "--threads", Text(threads), "--clock", clock.ToString(),
            .. sides.SelectMany(side => (string[])["--side", side.ToString()]),
        ]);
        using Process process = Process.Start(start)!;
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0
            ? JsonSerializer.Deserialize<SharedCase[]>(output, BenchJson.Options)!
            : throw new CliException($"The process that measures {reward} ended with exit code {process.ExitCode}.", ExitCodes.Failure);
    }

    private static SharedCase[] Measure(
        string policyFolder, string rewardFolder, SharedSide[] sides, SharedSetting setting, ModelLoadOptions options, Func<TimeSpan> clock)
    {
        // The first operation of a process takes memory of its own.
        using (NewDisposeScope())
        {
            ones([64, 64]).matmul(ones([64, 64]));
        }

        long before = ProcessMemory.Resident;
        AlignmentModels[] loadedModels = [.. sides.Select(side => side == SharedSide.Shared
            ? AlignmentModels.Load(policyFolder, rewardFolder, options)
            : AlignmentModels.Load(() => PolicyModel.Load(policyFolder, options), () => RewardModel.Load(rewardFolder, options)))];
        try
        {
            GC.Collect();
            ProcessMemory.ForgetPeak();
            long loaded = ProcessMemory.Resident - before;
            var start = new RandomStart(loadedModels[0], seed: 3);
            int[] prompt = start.Tokens(setting.PromptTokens);
            var task = new AlignmentTask
            {
                Prompt = new EncodedPrompt(
                    prompt, [new RewardPrompt(prompt, [.. start.Tokens(setting.Tail - 1), loadedModels[0].Prompts.EosId])]),
                Method = MethodText.Parse(setting.Method).ToParameters(),
                Seed = 1,
                MaxResponseTokens = setting.ResponseTokens,
            };
            if (sides.Length > 1)
            {
                // Whichever side comes to a piece of code first waits until it is compiled.
                AlignmentTask shorter = task with { MaxResponseTokens = Math.Min(Shorter + 1, setting.ResponseTokens) };
                Answer(loadedModels, shorter with { Draft = start.Tokens(Shorter / 2) }, clock);
                Answer(loadedModels, shorter, clock);
            }

            (double Seconds, AlignmentOutcome Outcome)[] drafts = Answer(
                loadedModels, task with { Draft = start.Tokens(setting.ResponseTokens - Shorter) }, clock);
            (double Seconds, AlignmentOutcome Outcome)[] samples = Answer(loadedModels, task, clock);
            return [.. drafts.Zip(samples, (draft, sample) => new SharedCase(
                draft.Seconds, sample.Seconds, loaded, ProcessMemory.Peak - before, draft.Outcome.Response.Energy,
                sample.Outcome.Response.Energy, Tokens(draft.Outcome), Tokens(sample.Outcome)))];
        }
        finally
        {
            foreach (AlignmentModels models in loadedModels)
            {
                models.Dispose();
            }
        }
    }

    /// <summary>Answers with each of the models, in turns of one step.</summary>
    private static (double Seconds, AlignmentOutcome Outcome)[] Answer(
        AlignmentModels[] sides, AlignmentTask task, Func<TimeSpan> clock)
    {
        IAlignmentRun[] runs = [.. sides.Select(models => models.Start(task))];
        try
        {
            var seconds = new double[runs.Length];
            for (int step = 0; runs.Any(run => !run.IsFinished); step++)
            {
                for (int turn = 0; turn < runs.Length; turn++)
                {
                    int side = (step + turn) % runs.Length;
                    if (!runs[side].IsFinished)
                    {
                        TimeSpan begin = clock();
                        runs[side].Advance();
                        seconds[side] += (clock() - begin).TotalSeconds;
                    }
                }
            }

            return [.. runs.Select((run, side) => (seconds[side], run.Complete(run.FinishReason)))];
        }
        finally
        {
            foreach (IAlignmentRun run in runs)
            {
                run.Dispose();
            }
        }
    }

    private static long Tokens(AlignmentOutcome outcome) => outcome.Cost.PolicyTokens + outcome.Cost.RewardTokens;
}
