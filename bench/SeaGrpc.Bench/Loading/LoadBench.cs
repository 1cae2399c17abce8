using System.Diagnostics;
using SeaGrpc.Alignment;
using SeaGrpc.Alignment.Sea;
using SeaGrpc.Lab.Worlds;
using SeaGrpc.Modeling;
using SeaGrpc.Modeling.Tokenization;

namespace SeaGrpc.Bench.Loading;

/// <summary>Measures loading and first use of the folders that <c>load</c> makes.</summary>
/// <param name="folder">With the folders policy and reward.</param>
/// <param name="options">Where and how to load.</param>
/// <param name="method">The iterations, whose median time is reported; no plateau ends them.</param>
/// <param name="responseTokens">Their tokens per chain.</param>
/// <param name="progress">Receives the name of each stage.</param>
internal sealed class LoadBench(
    string folder, ModelLoadOptions options, SeaParameters method, int responseTokens, IProgress<string> progress)
{
    private const int PromptSeed = 1;

    public LoadFigures Measure()
    {
        string policyFolder = Path.Combine(folder, "policy");
        string[] files = [.. Directory.EnumerateFiles(policyFolder, "*.safetensors").Order(StringComparer.Ordinal)];
        progress.Report("cat of the policy's files");
        double readFirst = Cat(files);

        // libtorch itself, before the weights.
        ComputeThreads.Set(ComputeThreads.Count);
        if (options.Dtype == ModelDtype.Auto)
        {
            progress.Report("measuring float32 against bfloat16");
            ProductSpeeds.Here();
            ProcessMemory.ForgetPeak();
        }

        GC.Collect();
        long before = ProcessMemory.Resident;
        progress.Report("loading the policy");
        PolicyModel policy = null!;
        RewardModel reward = null!;
        double load = 0;
        double readAgain = 0;
        long loadPeak = 0;
        using AlignmentModels models = AlignmentModels.Load(
            () =>
            {
                (policy, load) = Timed(() => PolicyModel.Load(policyFolder, options));
                return policy;
            },
            () =>
            {
                loadPeak = ProcessMemory.Peak - before;
                progress.Report("cat of the policy's files again");
                readAgain = Cat(files);
                progress.Report("loading the reward model");
                return reward = RewardModel.Load(Path.Combine(folder, "reward"), options);
            });
        EncodedPrompt prompt = models.Prompts.EncodeChat([new ChatMessage("user", SupportDesk.HeldOutPrompts(1, PromptSeed)[0].Text)]);
        progress.Report("first token");
        double firstToken = FirstToken(models, prompt);
        progress.Report("iterations");
        double iteration = Iteration(models, prompt);
        int bytes = policy.Description.Dtype == "bfloat16" ? 2 : 4;
        return new LoadFigures(
            policy.Description.Dtype,
            ComputeThreads.Count,
            policy.Description.ParameterCount,
            files.Sum(file => new FileInfo(file).Length),
            readFirst,
            load,
            readAgain,
            policy.Description.ParameterCount * bytes,
            loadPeak,
            firstToken,
            prompt.Policy.Count,
            iteration,
            method.Iterations,
            method.Chains,
            responseTokens,
            ProcessMemory.Peak,
            ServingMemory.Of(
                [
                    (policy.Decoder.Config, policy.Description.ParameterCount, bytes),
                    (reward.Decoder.Config, reward.Description.ParameterCount, bytes),
                ],
                prompt.Policy.Count,
                responseTokens,
                method.Chains).Total);
    }

    private static double FirstToken(AlignmentModels models, EncodedPrompt prompt)
    {
        using IAlignmentRun run = models.Start(
            new AlignmentTask { Prompt = prompt, Method = new BaseParameters(), Seed = 1, MaxResponseTokens = 2 });
        // The prompt, then the first token.
        return Timed(run.Advance).Seconds + Timed(run.Advance).Seconds;
    }

    // By Langevin dynamics: every iteration reads all chains and takes both gradients.
    private double Iteration(AlignmentModels models, EncodedPrompt prompt)
    {
        using IAlignmentRun run = models.Start(new AlignmentTask
        {
            Prompt = prompt,
            Method = method,
            Seed = 1,
            MaxResponseTokens = responseTokens,
        });
        var seconds = new List<double>();
        while (seconds.Count < method.Iterations)
        {
            (AlignmentUpdate? update, double took) = Timed(run.Advance);
            if (update is IterationUpdate)
            {
                seconds.Add(took);
            }
        }

        return Median.Of(seconds);
    }

    private static double Cat(string[] files)
    {
        var start = new ProcessStartInfo("cat", files) { RedirectStandardOutput = true };
        return Timed(() =>
        {
            using Process cat = Process.Start(start)!;
            cat.StandardOutput.BaseStream.CopyTo(Stream.Null, 1 << 20);
            cat.WaitForExit();
            return cat.ExitCode;
        }).Seconds;
    }

    private static (T Result, double Seconds) Timed<T>(Func<T> work)
    {
        long start = Stopwatch.GetTimestamp();
        T result = work();
        return (result, Stopwatch.GetElapsedTime(start).TotalSeconds);
    }
}
