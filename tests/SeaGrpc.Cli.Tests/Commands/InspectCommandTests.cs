using System.Text.Json;
using SeaGrpc.Cli.Inspection;
using SeaGrpc.Modeling;
using SeaGrpc.Modeling.Inspection;
using SeaGrpc.Testing;
using SeaGrpc.Testing.Programs;

namespace SeaGrpc.Cli.Tests.Commands;

public sealed class InspectCommandTests : IDisposable
{
    private static readonly string Models = Path.Combine(AppContext.BaseDirectory, "models");
    private readonly string _folder = Directory.CreateTempSubdirectory("seagrpc-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task A_pair_that_fits_is_told_with_what_it_needs()
    {
        var result = await BuiltProgram.Cli.RunAsync(
            "inspect", Path.Combine(Models, "tiny-policy"), "--reward", Path.Combine(Models, "tiny-reward"), "--lengths", "300,100",
            "--chains", "8", "--json");

        Assert.Equal(0, result.ExitCode);
        JsonElement report = JsonDocument.Parse(result.Output).RootElement;
        Assert.True(report.GetProperty("can_serve").GetBoolean());
        JsonElement model = report.GetProperty("model");
        Assert.Equal(
            ("policy", "LlamaForCausalLM", true),
            (model.GetProperty("role")
                .GetString(), model.GetProperty("architecture")
                .GetString(), model.GetProperty("has_template")
                .GetBoolean()));
        long parameters = model.GetProperty("parameter_count").GetInt64();
        Assert.Equal(2 * parameters, model.GetProperty("bytes_by_dtype").GetProperty("BF16").GetInt64());
        JsonElement memory = report.GetProperty("memory");
        long rewardParameters = report.GetProperty("rewards")[0].GetProperty("parameter_count").GetInt64();
        Assert.Equal(4 * (parameters + rewardParameters), memory.GetProperty("weights").GetInt64());
        // Keys and values of 4 layers, 128 wide, of 300 positions, in both models.
        Assert.Equal(2 * 2 * 4 * 128 * 300 * 4, memory.GetProperty("caches").GetInt64());
        Assert.Equal(8, memory.GetProperty("chains").GetInt32());
        Assert.Equal(1167, report.GetProperty("common_ids").GetInt32());
    }

    [Fact]
    public async Task A_reward_model_of_another_vocabulary_can_be_served_and_what_follows_is_told()
    {
        var result = await BuiltProgram.Cli.RunAsync(
            "inspect", Path.Combine(Models, "tiny-policy"), "--reward", Path.Combine(Models, "word-reward"));

        Assert.Equal(0, result.ExitCode);
        Assert.Contains("reads the text of responses: scores are exact", result.Output, StringComparison.Ordinal);
        Assert.Contains("they fit: ", result.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_a_reward_model_has_in_common_with_the_policy_is_told_and_counted_once()
    {
        TinyCheckpoint.WritePolicy(Path.Combine(_folder, "policy"), seed: 1);
        string reward = Path.Combine(_folder, "reward");
        TinyCheckpoint.WriteReward(reward, seed: 1);

        InspectionReport same = Report();
        // Drawn in the same order, so everything but the head is the policy's.
        Assert.Equal(2, same.Sharing[0]!.Layers);
        Assert.Equal(same.Sharing[0]!.Bytes, ((same.Model.ParameterCount + same.Rewards[0].ParameterCount) * 4) - same.Memory!.Weights);

        var result = await BuiltProgram.Cli.RunAsync("inspect", Path.Combine(_folder, "policy"), "--reward", reward, "--lengths", "64,16");
        Assert.Contains("shares 2 of 2 layers and the embeddings with policy; saves", result.Output, StringComparison.Ordinal);

        TinyCheckpoint.WriteReward(reward, seed: 2);
        Assert.Null(Report().Sharing[0]);

        InspectionReport Report() => InspectionReport.Of(
            CheckpointInspection.Of(Path.Combine(_folder, "policy")), [CheckpointInspection.Of(reward)], new ServingLengths(64, 16), 4,
            ModelDtype.Float32);
    }

    [Fact]
    public async Task A_pair_that_does_not_fit_exits_with_1_and_says_why()
    {
        var result = await BuiltProgram.Cli.RunAsync(
            "inspect", Path.Combine(Models, "tiny-reward"), "--reward", Path.Combine(Models, "word-reward"));

        Assert.Equal(1, result.ExitCode);
        Assert.Contains("they do not fit: tiny-reward is a reward model", result.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_swapped_or_too_short_is_told()
    {
        InspectionReport report = InspectionReport.Of(
            CheckpointInspection.Of(Path.Combine(Models, "tiny-reward")), [CheckpointInspection.Of(Path.Combine(Models, "tiny-policy"))],
            new ServingLengths(500, 100), 4, ModelDtype.Auto);
        Assert.False(report.CanServe);
        Assert.Contains(report.Misfits, misfit => misfit.Contains("tiny-reward is a reward model", StringComparison.Ordinal));
        Assert.Contains(report.Misfits, misfit => misfit.Contains("tiny-policy is a language model", StringComparison.Ordinal));
        Assert.Contains(report.Misfits, misfit => misfit.Contains("at most 512 positions", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("{\"architectures\":[\"GPT2LMHeadModel\"]}", "GPT2LMHeadModel")]
    [InlineData("{\"architectures\":[\"LlamaForCausalLM\"],\"quantization_config\":{\"quant_method\":\"awq\"}}", "awq")]
    public void What_cannot_be_served_is_named(string config, string named)
    {
        File.WriteAllText(Path.Combine(_folder, "config.json"), config);
        InspectionReport report = InspectionReport.Of(CheckpointInspection.Of(_folder), [], null, 4, ModelDtype.Auto);
        Assert.False(report.CanServe);
        Assert.Contains(named, InspectionText.Of(report), StringComparison.Ordinal);
        Assert.Contains("cannot be served", InspectionText.Of(report), StringComparison.Ordinal);
    }

    [Fact]
    public void One_fault_of_a_file_is_told_once()
    {
        foreach (string file in Directory.GetFiles(Path.Combine(Models, "tiny-policy")))
        {
            File.Copy(file, Path.Combine(_folder, Path.GetFileName(file)));
        }

        File.WriteAllText(Path.Combine(_folder, "tokenizer_config.json"), "");
        Assert.Single(CheckpointInspection.Of(_folder).Problems);
    }

    [Theory]
    [InlineData("{{ messages[0].content }}", "omits the assistant's last turn")]
    [InlineData("{{ raise_exception('no system turn') }}", "no system turn")]
    public void A_pair_that_cannot_be_served_is_never_said_to_fit(string template, string problem)
    {
        foreach (string file in Directory.GetFiles(Path.Combine(Models, "tiny-reward")))
        {
            File.Copy(file, Path.Combine(_folder, Path.GetFileName(file)));
        }

        File.WriteAllText(Path.Combine(_folder, "chat_template.jinja"), template);
        InspectionReport report = InspectionReport.Of(
            CheckpointInspection.Of(Path.Combine(Models, "tiny-policy")), [CheckpointInspection.Of(_folder)], null, 4, ModelDtype.Auto);
        Assert.False(report.CanServe);
        string text = InspectionText.Of(report);
        Assert.Contains(problem, text, StringComparison.Ordinal);
        Assert.Contains("cannot be served", text, StringComparison.Ordinal);
        Assert.DoesNotContain("they fit", text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_template_that_changes_answers_is_noted()
    {
        foreach (string file in Directory.GetFiles(Path.Combine(Models, "tiny-reward")))
        {
            File.Copy(file, Path.Combine(_folder, Path.GetFileName(file)));
        }

        File.WriteAllText(
            Path.Combine(_folder, "chat_template.jinja"), "{% for message in messages %}{{ message.content | trim }} {% endfor %}");
        InspectionReport report = InspectionReport.Of(CheckpointInspection.Of(_folder), [], null, 4, ModelDtype.Auto);
        Assert.True(report.CanServe);
        Assert.Contains("changes some answers", InspectionText.Of(report), StringComparison.Ordinal);
    }

    [Fact]
    public void Every_fault_of_a_folder_is_told_at_once()
    {
        foreach (string file in new[] { "config.json", "model.safetensors" })
        {
            File.Copy(Path.Combine(Models, "tiny-policy", file), Path.Combine(_folder, file));
        }

        string config = Path.Combine(_folder, "config.json");
        File.WriteAllText(
            config, File.ReadAllText(config).Replace("\"num_hidden_layers\": 4", "\"num_hidden_layers\": 5", StringComparison.Ordinal));
        IReadOnlyList<string> problems = CheckpointInspection.Of(_folder).Problems;
        Assert.Contains(problems, problem => problem.Contains("tokenizer.json", StringComparison.Ordinal));
        Assert.Contains(problems, problem => problem.Contains("model.layers.4.input_layernorm.weight", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("--lengths", "3")]
    [InlineData("--lengths", "0,5")]
    [InlineData("--chains", "0")]
    public async Task A_wrong_command_line_exits_with_2(params string[] arguments) =>
        Assert.Equal(2, (await BuiltProgram.Cli.RunAsync(["inspect", _folder, .. arguments])).ExitCode);
}
