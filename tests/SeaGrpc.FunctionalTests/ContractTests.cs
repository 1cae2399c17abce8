using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Google.Protobuf;
using SeaGrpc.FunctionalTests.Support;
using SeaGrpc.Server.Mapping;
using SeaGrpc.V1;
using ArgsParameters = SeaGrpc.Alignment.Args.ArgsParameters;
using BaseParameters = SeaGrpc.Alignment.BaseParameters;
using BestOfNParameters = SeaGrpc.Alignment.BestOfN.BestOfNParameters;
using ChunkBeamSearchParameters = SeaGrpc.Alignment.ChunkBeamSearch.ChunkBeamSearchParameters;
using Sea = SeaGrpc.Alignment.Sea;

namespace SeaGrpc.FunctionalTests;

/// <summary>The contract as files: buf's rules.</summary>
public sealed class ContractTests
{
    [Fact]
    public async Task Buf_lint_has_nothing_to_say()
    {
        (int code, string output) = await BufAsync("lint");
        Assert.True(code == 0, output);
    }

    [Fact]
    public async Task Buf_format_has_nothing_to_change()
    {
        (int code, string output) = await BufAsync("format", "--diff", "--exit-code");
        Assert.True(code == 0, output);
    }

    [Fact]
    public async Task Nothing_of_the_released_contract_is_broken()
    {
        (int code, string output) = await BufAsync("breaking", "--against", Path.Combine("released", "contract.binpb"));
        Assert.True(code == 0, output);
    }

    [Fact]
    public async Task A_field_that_is_gone_breaks_the_released_contract()
    {
        using var folder = new SeaGrpc.Testing.TemporaryFolder();
        string copy = folder.File("sea/v1");
        Directory.CreateDirectory(copy);
        string protos = Path.Combine(Repository.Root, "protos");
        File.Copy(Path.Combine(protos, "buf.yaml"), folder.File("buf.yaml"));
        foreach (string file in Directory.GetFiles(Path.Combine(protos, "sea", "v1")))
        {
            await File.WriteAllTextAsync(
                Path.Combine(copy, Path.GetFileName(file)),
                (await File.ReadAllTextAsync(file)).Replace("  int32 iterations_run = 6;", string.Empty, StringComparison.Ordinal));
        }

        (int code, string output) = await BufAsync("breaking", folder.Path, "--against", Path.Combine("released", "contract.binpb"));
        Assert.NotEqual(0, code);
        Assert.Contains("\"iterations_run\"", output);
    }

    [Fact]
    public void Defaults_in_the_comments_are_the_defaults()
    {
        string text = File.ReadAllText(Path.Combine(Repository.Root, "protos", "sea", "v1", "method.proto"));
        text = text.Replace("\n  // ", " ", StringComparison.Ordinal);
        (IMessage Default, (string Name, IMessage Message)[] Presets)[] parameters =
        [
            (MethodMapper.Of(Sea.SeaParameters.Default),
                [("langevin", MethodMapper.Of(Sea.SeaParameters.Langevin)), ("paper", MethodMapper.Of(Sea.SeaParameters.Paper))]),
            (MethodMapper.Of(new BestOfNParameters()), []),
            (MethodMapper.Of(new ArgsParameters()), []),
            (MethodMapper.Of(new ChunkBeamSearchParameters()), []),
            (MethodMapper.Of(new BaseParameters()), []),
        ];
        foreach ((IMessage absent, (string Name, IMessage Message)[] presets) in parameters)
        {
            string body = Regex.Match(text, $@"message {absent.Descriptor.Name} \{{(.*?)\n\}}", RegexOptions.Singleline).Groups[1].Value;
            MatchCollection fields = Regex.Matches(body, @"Default: (\S+?)(?: \(([^)]*)\))?\.\n  optional \w+ (\w+) =");
            Assert.Equal(absent.Descriptor.Fields.InDeclarationOrder().Count, fields.Count);
            foreach (Match field in fields.Where(field => field.Groups[3].Value != "preset"))
            {
                // "langevin: 6, paper: 0" or "langevin and paper: 4".
                var others = field.Groups[2].Value.Split(", ", StringSplitOptions.RemoveEmptyEntries).Select(part => part.Split(": "))
                    .SelectMany(part => part[0].Split(" and "), (part, name) => (Name: name, Value: part[1])).ToDictionary(other => other.Name, other => other.Value);
                string said = field.Groups[1].Value;
                Assert.Equal((field.Groups[3].Value, Word(absent, field)), (field.Groups[3].Value, said));
                Assert.All(presets, preset => Assert.Equal(
                    (field.Groups[3].Value, preset.Name, Word(preset.Message, field)),
                    (field.Groups[3].Value, preset.Name, others.GetValueOrDefault(preset.Name, said))));
            }
        }

        static string Word(IMessage message, Match field)
        {
            object value = message.Descriptor.FindFieldByName(field.Groups[3].Value).Accessor.GetValue(message);
            return value switch
            {
                bool truth => truth ? "true" : "false",
                SeaStep.Adam => "Adam",
                Enum choice => JsonNamingPolicy.SnakeCaseLower.ConvertName(choice.ToString()),
                _ => Convert.ToString(value, CultureInfo.InvariantCulture)!,
            };
        }
    }

    private static async Task<(int Code, string Output)> BufAsync(params string[] arguments)
    {
        string buf = Path.Combine(Repository.Root, "tests", "tools", "node_modules", ".bin", "buf");
        Assert.True(File.Exists(buf), $"{buf} is missing: run npm install --prefix tests/tools");
        using Process process = Process.Start(new ProcessStartInfo(buf, arguments)
        {
            WorkingDirectory = Path.Combine(Repository.Root, "protos"),
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        string output = await process.StandardOutput.ReadToEndAsync() + await errors;
        await process.WaitForExitAsync();
        return (process.ExitCode, output);
    }
}
