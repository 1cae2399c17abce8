using System.Text.Json.Nodes;
using SeaGrpc.Clients.Tests.Support;
using SeaGrpc.Testing;

namespace SeaGrpc.Clients.Tests;

/// <summary>One set of cases, every language.</summary>
public sealed class ConformanceTests(ITestOutputHelper output)
{
    /// <summary>Set, the page is written instead of compared.</summary>
    public const string WriteVariable = "SEAGRPC_WRITE_PAGES";

    /// <summary>For work on one language: its name, alone.</summary>
    private const string OnlyVariable = "SEAGRPC_ONLY_LANGUAGE";

    [Fact]
    public async Task Every_client_passes_every_case_and_the_page_says_so()
    {
        using var folder = new TemporaryFolder();
        await using ConformanceServers servers = await ConformanceServers.StartAsync();
        var judgement = new Judgement(servers.Replay, servers.Plain.Seen);
        string[] names = [.. ConformanceCases.Load().Select(each => (string)each!["name"]!)];
        var columns = new List<ConformanceColumn>();
        string? only = Environment.GetEnvironmentVariable(OnlyVariable);
        foreach (ClientPrograms client in ClientPrograms.All.Where(client => only is null || client.Language == only))
        {
            columns.Add(await RunAsync(client, servers, judgement, folder));
        }

        string page = ConformanceTable.Write(names, columns);
        output.WriteLine(page);
        string[] faults = [.. columns.SelectMany(column => column.Faults.Select(fault => $"{column.Language} {fault.Key}: {fault.Value}"))];
        Assert.True(faults.Length == 0, string.Join('\n', faults));
        if (Environment.GetEnvironmentVariable(WriteVariable) is not null)
        {
            await File.WriteAllTextAsync(ConformanceTable.Page, page);
        }
        else if (only is null)
        {
            Assert.Equal(page, await File.ReadAllTextAsync(ConformanceTable.Page));
        }
    }

    private static async Task<ConformanceColumn> RunAsync(
        ClientPrograms client, ConformanceServers servers, Judgement judgement, TemporaryFolder folder)
    {
        await servers.PrepareAsync(client.Language);
        string file = folder.File($"{client.Language}.json");
        JsonArray given = ConformanceCases.For(client.Language, client.IsWeb ? servers.WebNames : servers.Names);
        await File.WriteAllTextAsync(file, given.ToJsonString());
        var ran = given.Select(each => (string)each!["name"]!).ToHashSet();
        Dictionary<string, JsonObject> cases = ConformanceCases.Load().ToDictionary(each => (string)each!["name"]!, each => each!.AsObject());
        var faults = ran.ToDictionary(name => name, _ => "its runner said nothing");
        await foreach (string line in client.RunAsync(file))
        {
            JsonObject observed = JsonNode.Parse(line)!.AsObject();
            string name = (string)observed["case"]!;
            if (cases[name]["expect"]!["ended"] is { } seed)
            {
                await servers.Runs.EndedAsync((ulong)seed);
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

        return new ConformanceColumn(client.Language, ran, faults);
    }
}
