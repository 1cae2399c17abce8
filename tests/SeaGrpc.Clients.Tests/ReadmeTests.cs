using SeaGrpc.Clients.Tests.Support;
using SeaGrpc.Testing;

namespace SeaGrpc.Clients.Tests;

/// <summary>The programs on the clients' pages; those of C# and TypeScript run on their packages, in those packages' tests.</summary>
public sealed class ReadmeTests(EmbeddedServer server) : IClassFixture<EmbeddedServer>
{
    [Theory]
    [InlineData("python")]
    [InlineData("go")]
    [InlineData("java")]
    public async Task Every_program_runs_as_it_stands_and_prints_what_the_page_says(string language)
    {
        using var folder = new TemporaryFolder();
        await new ReadmePage($"clients/{language}/README.md", language)
            .CompareAsync(server.Address, code => Programs.RunAsync(language, code, folder.Path));
    }
}
