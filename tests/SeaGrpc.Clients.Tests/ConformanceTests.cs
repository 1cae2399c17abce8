using System.Text.Json.Nodes;
using SeaGrpc.Clients.Tests.Support;
using SeaGrpc.Testing;

namespace SeaGrpc.Clients.Tests;

/// <summary>One set of cases, every language.</summary>
public sealed class ConformanceTests(ConformanceFixture fixture) : IClassFixture<ConformanceFixture>
{
    /// <summary>Set, the page is written instead of compared.</summary>
    public const string WriteVariable = "SEAGRPC_WRITE_PAGES";

    /// <summary>Every language, with the trait <c>language</c> for work on one alone. The browser's is a tier of its own.</summary>
    public static IEnumerable<TheoryDataRow<string>> Languages => ClientPrograms.All.Select(client =>
    {
        TheoryDataRow<string> row = new TheoryDataRow<string>(client.Language).WithTrait("language", client.Language);
        return client.IsWeb ? row.WithTrait("tier", "browser") : row;
    });

    private ConformanceServers Servers => fixture.Servers;

    [Theory]
    [MemberData(nameof(Languages))]
    public async Task A_client_passes_every_case(string language)
    {
        ClientPrograms client = ClientPrograms.All.Single(client => client.Language == language);
        IReadOnlyDictionary<string, string> faults = await FaultsAsync(client);
        Assert.True(faults.Count == 0, string.Join('\n', faults.Select(fault => $"{language} {fault.Key}: {fault.Value}")));
    }

    [Fact]
    public async Task The_page_has_what_every_client_runs()
    {
        string[] names = [.. ConformanceCases.Load().Select(each => (string)each!["name"]!)];
        string page = ConformanceTable.Write(
            names, [.. ClientPrograms.All.Select(client => new ConformanceColumn(client.Language, NamesOf(CasesOf(client))))]);
        if (Environment.GetEnvironmentVariable(WriteVariable) is not null)
        {
            await File.WriteAllTextAsync(ConformanceTable.Page, page, TestContext.Current.CancellationToken);
        }

        Assert.Equal(page, await File.ReadAllTextAsync(ConformanceTable.Page, TestContext.Current.CancellationToken));
    }

    private JsonArray CasesOf(ClientPrograms client) =>
        ConformanceCases.For(client.Language, client.IsWeb ? Servers.WebNames : Servers.Names);

    private static HashSet<string> NamesOf(JsonArray cases) => [.. cases.Select(each => (string)each!["name"]!)];

    /// <summary>What is wrong, by case.</summary>
    private async Task<IReadOnlyDictionary<string, string>> FaultsAsync(ClientPrograms client)
    {
        using var folder = new TemporaryFolder();
        var judgement = new Judgement(Servers.Replay, Servers.Plain.Seen);
        await Servers.PrepareAsync(client.Language);
        string file = folder.File($"{client.Language}.json");
        JsonArray given = CasesOf(client);
        await File.WriteAllTextAsync(file, given.ToJsonString());
        Dictionary<string, JsonObject> cases = ConformanceCases
            .Load()
            .ToDictionary(each => (string)each!["name"]!, each => each!.AsObject());
        Dictionary<string, string> faults = NamesOf(given).ToDictionary(name => name, _ => "its runner said nothing");
        await foreach (string line in client.RunAsync(file))
        {
            JsonObject observed = JsonNode.Parse(line)!.AsObject();
            string name = (string)observed["case"]!;
            if (cases[name]["expect"]!["ended"] is { } seed)
            {
                await Servers.Runs.EndedAsync((ulong)seed);
            }

            IReadOnlyList<string> found = judgement.Faults(cases[name], observed, client.Language);
            faults[name] = string.Join("; ", found);
            if (found.Count == 0)
            {
                faults.Remove(name);
            }
            else if (line.Length < 3000)
            {
                faults[name] += $"\n    {line}";
            }
        }

        return faults;
    }
}
