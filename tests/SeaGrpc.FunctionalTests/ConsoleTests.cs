using System.Net;
using System.Net.Http.Headers;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using SeaGrpc.FunctionalTests.Support;
using SeaGrpc.Server;
using SeaGrpc.Server.Hosting;
using SeaGrpc.Server.WebConsole;

namespace SeaGrpc.FunctionalTests;

/// <summary>The console's page over HTTP: when it is served, with which headers, and who may call from a page.</summary>
public sealed class ConsoleTests
{
    private static readonly string[] On = ["Transport:Console=true"];

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task It_is_off_by_default_and_gRPC_Web_with_it()
    {
        await using RunningServer server = await RunningServer.StartAsync();
        using var http = new HttpClient();

        using HttpResponseMessage page = await http.GetAsync($"{server.HttpAddress}/console/", Cancelled);
        using HttpResponseMessage call = await CallAsync(http, server.HttpAddress, server.HttpAddress);

        Assert.Equal(HttpStatusCode.NotFound, page.StatusCode);
        Assert.NotEqual("application/grpc-web", call.Content.Headers.ContentType?.MediaType);
        Assert.DoesNotContain("console", server.Description);
    }

    [Fact]
    public async Task It_comes_with_a_policy_that_allows_its_own_scripts_alone()
    {
        await using RunningServer server = await RunningServer.ListenAsync(null, null, On);
        using var http = new HttpClient();

        using HttpResponseMessage page = await http.GetAsync($"{server.HttpAddress}/console", Cancelled);

        string policy = Assert.Single(page.Headers.GetValues("Content-Security-Policy"));
        Assert.Contains("default-src 'none'; script-src 'self'; style-src 'self';", policy);
        Assert.DoesNotContain("unsafe", policy);
        Assert.Equal("nosniff", Assert.Single(page.Headers.GetValues("X-Content-Type-Options")));
        Assert.Equal(ConsoleFiles.Embedded.All.Count == 0 ? HttpStatusCode.NotImplemented : HttpStatusCode.OK, page.StatusCode);
        if (page.StatusCode == HttpStatusCode.OK)
        {
            Assert.EndsWith("/console/", page.RequestMessage!.RequestUri!.AbsolutePath);
            Assert.DoesNotContain("<script>", await page.Content.ReadAsStringAsync(Cancelled));
        }
    }

    [Fact]
    public async Task A_build_without_the_page_says_how_to_build_it()
    {
        using var folders = new TinyFolders();
        string[] settings = [
            "Transport:Grpc=http://127.0.0.1:0", "Transport:Http=http://127.0.0.1:0", .. On, $"Models:Policy={folders.Policy}",
            $"Models:Reward={folders.Reward}"];
        await using WebApplication app = SeaServer.Build(
            [.. settings.Select(setting => $"--SeaGrpc:{setting}")],
            builder => builder.Services.AddSingleton(new ConsoleFiles(new Dictionary<string, ConsoleFile>())));
        await app.StartAsync(Cancelled);
        using var http = new HttpClient();

        using HttpResponseMessage page = await http.GetAsync(
            $"{app.Services.GetRequiredService<ServerDescription>().Addresses[1]}/console", Cancelled);

        Assert.Equal(HttpStatusCode.NotImplemented, page.StatusCode);
        Assert.Contains("npm run --prefix clients/typescript console", await page.Content.ReadAsStringAsync(Cancelled));
        await app.StopAsync(Cancelled);
    }

    [Fact]
    public async Task Where_it_is_is_said_at_the_start()
    {
        await using RunningServer server = await RunningServer.StartAsync(null, On);

        Assert.Contains($"console on {server.HttpAddress}/console", server.Description);
    }

    [Theory]
    [InlineData("http://127.0.0.1:{port}", "127.0.0.1:{port}", true)]
    [InlineData("http://localhost:{port}", "localhost:{port}", true)]
    [InlineData(null, "127.0.0.1:{port}", true)]
    [InlineData("https://elsewhere.example", "127.0.0.1:{port}", false)]
    [InlineData("null", "127.0.0.1:{port}", false)]
    [InlineData("http://rebound.example:{port}", "rebound.example:{port}", false)]
    public async Task Only_the_servers_own_page_may_call(string? origin, string host, bool mayCall)
    {
        await using RunningServer server = await RunningServer.StartAsync(null, On);
        using var http = new HttpClient();
        string port = new Uri(server.HttpAddress).Port.ToString(System.Globalization.CultureInfo.InvariantCulture);

        using HttpResponseMessage response = await CallAsync(
            http, server.HttpAddress, origin?.Replace("{port}", port, StringComparison.Ordinal),
            host.Replace("{port}", port, StringComparison.Ordinal));

        Assert.Equal(mayCall ? HttpStatusCode.OK : HttpStatusCode.Forbidden, response.StatusCode);
        string body = await response.Content.ReadAsStringAsync(Cancelled);
        Assert.Contains(mayCall ? "grpc-status: 0" : "SeaGrpc:Transport:WebOrigins", body);
    }

    [Fact]
    public async Task A_page_of_an_origin_that_the_operator_allows_may_call_too()
    {
        await using RunningServer server = await RunningServer.StartAsync(
            null, [.. On, "Transport:WebOrigins=https://chat.example"]);
        using var http = new HttpClient();

        using HttpResponseMessage response = await CallAsync(http, server.HttpAddress, "https://chat.example");

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("https://chat.example", Assert.Single(response.Headers.GetValues("Access-Control-Allow-Origin")));
    }

    /// <summary>GetServerInfo as a page sends it.</summary>
    private static async Task<HttpResponseMessage> CallAsync(HttpClient http, string address, string? origin, string? host = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"{address}/sea.v1.InfoService/GetServerInfo")
        {
            Content = new ByteArrayContent(new byte[5]),
        };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/grpc-web+proto");
        request.Headers.Host = host;
        if (origin is not null)
        {
            request.Headers.Add("Origin", origin);
        }

        return await http.SendAsync(request);
    }
}
