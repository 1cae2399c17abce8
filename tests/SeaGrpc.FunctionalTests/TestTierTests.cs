using System.Diagnostics;
using System.Reflection;
using System.Text.RegularExpressions;
using SeaGrpc.FunctionalTests.Support;

namespace SeaGrpc.FunctionalTests;

/// <summary>The tiers that eng/test.sh offers are those that tests carry and that CONTRIBUTING.md describes.</summary>
[Trait("tier", "quick")]
public sealed class TestTierTests
{
    private static readonly string[] Offered = Regex.Match(Read("eng/test.sh"), "tiers=\"all (.+)\"").Groups[1].Value.Split(' ');

    [Theory]
    [InlineData("nosuch")]
    [InlineData("quick soak")]
    public async Task What_is_no_tier_is_refused_with_the_list_of_tiers(string arguments)
    {
        var start = new ProcessStartInfo("bash", ["eng/test.sh", .. arguments.Split(' ')])
        {
            WorkingDirectory = Repository.Root,
            RedirectStandardError = true,
        };
        using Process script = Process.Start(start)!;
        string errors = await script.StandardError.ReadToEndAsync();
        await script.WaitForExitAsync();
        Assert.Equal(2, script.ExitCode);
        Assert.Equal($"eng/test.sh: '{arguments}' is no tier. One of: all {string.Join(' ', Offered)}.\n", errors);
    }

    [Fact]
    public void Every_tier_has_tests_and_no_test_names_another()
    {
        string tests = Path.Combine(Repository.Root, "tests");
        string[] named =
        [
            .. Directory
                .EnumerateFiles(tests, "*", SearchOption.AllDirectories)
                .Where(file =>
                    file.EndsWith(".cs", StringComparison.Ordinal)
                    || file.EndsWith("proj", StringComparison.Ordinal)
                    || file.EndsWith(".props", StringComparison.Ordinal)
                )
                .Where(file =>
                    !file.Contains("/obj/", StringComparison.Ordinal) && !file.Contains("/node_modules/", StringComparison.Ordinal)
                )
                .SelectMany(file => Regex.Matches(File.ReadAllText(file), "Trait\\(\"tier\", \"(\\w+)\"\\)|<TestTier>(\\w+)<"))
                .Select(tier => tier.Groups[1].Value + tier.Groups[2].Value),
        ];
        Assert.Equal(Offered.Order(), named.Distinct().Order());
    }

    [Fact]
    public void The_guide_describes_every_tier()
    {
        string guide = Read("CONTRIBUTING.md");
        Assert.All(Offered, tier => Assert.Contains($"| `eng/test.sh {tier}` |", guide));
    }

    [Fact]
    public void A_test_project_gives_its_tier_to_all_its_tests() =>
        Assert.Contains(typeof(TestTierTests).Assembly.GetCustomAttributes<TraitAttribute>(), trait =>
            trait.Name == "tier" && trait.Value == "functional"
        );

    private static string Read(string path) => File.ReadAllText(Path.Combine(Repository.Root, path));
}
