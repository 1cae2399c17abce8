using System.Security.Cryptography.X509Certificates;
using SeaGrpc.V1;

namespace SeaGrpc.Client.Example;

/// <summary>One call over TLS, with a certificate of its own if the server asks callers for one.</summary>
internal static class TlsCall
{
    /// <summary>Calls: ADDRESS ROOTS.pem [CERTIFICATE.pem KEY.pem].</summary>
    public static async Task<int> RunAsync(string[] args)
    {
        var roots = new X509Certificate2Collection();
        roots.ImportFromPemFile(args[1]);
        var options = new SeaClientOptions
        {
            TrustedRoots = roots, // Without it, those of the system.
            ClientCertificate = args.Length > 3 ? X509Certificate2.CreateFromPemFile(args[2], args[3]) : null,
            Token = Environment.GetEnvironmentVariable("SEAGRPC_TOKEN"),
        };
        using var client = new SeaClient(args[0], options);
        var spec = new AlignmentSpec
        {
            Prompt = Prompts.Chat("My kettle is leaking, what can you do?"),
            Sea = new SeaParameters(),
            Seed = 1,
        };
        try
        {
            AlignmentFinal answer = (await client.AlignAsync(spec, TimeSpan.FromMinutes(1))).Final;
            Console.WriteLine($"answer {answer.Response.Reward:0.00}  {answer.Response.Text}");
            return 0;
        }
        catch (SeaGrpcException failure)
        {
            Console.Error.WriteLine($"{failure.Code} {failure.Reason}: {failure.Message}");
            return 1;
        }
    }
}
