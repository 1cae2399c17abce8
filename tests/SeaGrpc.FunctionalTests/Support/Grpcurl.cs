using System.Text.RegularExpressions;
using Google.Protobuf.Reflection;
using Grpc.Health.V1;
using SeaGrpc.V1;

namespace SeaGrpc.FunctionalTests.Support;

/// <summary>
/// grpcurl, which few machines have: where it is on the PATH it runs; elsewhere buf curl makes the same call, and what grpcurl describes
/// is compared with the contract.
/// </summary>
internal static partial class Grpcurl
{
    /// <summary>Seconds until a call that would not end is ended.</summary>
    private const int PatienceForStart = 12;

    private const string BufCurl = "npx --prefix tests/tools buf curl --protocol grpc --http2-prior-knowledge";
    private static readonly FileDescriptor[] Files = [
        AlignmentServiceReflection.Descriptor, InfoServiceReflection.Descriptor, HealthReflection.Descriptor];

    public static bool IsThere { get; } =
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Any(folder => File.Exists(Path.Combine(folder, "grpcurl")));

    /// <summary>The symbol that a command describes, or null.</summary>
    public static string? Described(string command) => Words(command) is [.., "describe", string symbol] ? symbol : null;

    /// <summary>What of a description the contract has otherwise; empty if nothing.</summary>
    public static string[] Faults(string symbol, string said)
    {
        IDescriptor[] descriptors = [.. Files.SelectMany(Closure)];
        return descriptors.SingleOrDefault(each => each.FullName == symbol) switch
        {
            MessageDescriptor message => Differences(
                Field().Matches(said).Select(field => field.Value),
                message.Fields.InDeclarationOrder().Select(field => $" {field.Name} = {field.FieldNumber};")
            ),
            ServiceDescriptor service => Differences(
                Rpc().Matches(said).Select(rpc => rpc.Value),
                service.Methods.Select(rpc => $"rpc {rpc.Name} ")
            ),
            _ => [$"{symbol} is nothing in the contract"],
        };
    }

    /// <summary>The same call by buf curl, and what it prints: names in JSON's form, of an error its code and message.</summary>
    public static (string Command, string Said) ToBufCurl(string command, string said)
    {
        string[] words = Words(command);
        string method = words[^1];
        string address = $"http://{words[^2]}";
        string data = Array.IndexOf(words, "-d") is > 0 and int at ? $" -d '{words[at + 1]}'" : "";
        string[] parts = said.Split("ERROR:\n");
        string answer = SnakeName().Replace(
            parts[0], name => Underscore().Replace(name.Value, letter => letter.Groups[1].Value.ToUpperInvariant()));
        if (method == "list")
        {
            return ($"{BufCurl} --list-services {address}", answer);
        }

        string call = $"{BufCurl}{data} {address}/{method}";
        if (Array.IndexOf(words, "-max-time") > 0)
        {
            // buf curl has no limit of its own: it is ended from outside, and says what it has heard.
            // npx and buf take seconds to start on a busy machine, which would count.
            return ($"timeout {PatienceForStart} {call}", answer + "…\n");
        }

        return (call, parts.Length == 1 ? answer : $"{answer}{Error(parts[1])}…\n");
    }

    private static string Error(string said)
    {
        string code = Regex.Match(said, @"Code: (\w+)").Groups[1].Value;
        string message = Regex.Match(said, @"Message: (.*)").Groups[1].Value;
        string snake = Regex.Replace(code, "(?<!^)([A-Z])", "_$1").ToLowerInvariant();
        return $"{{\n   \"code\": \"{snake}\",\n   \"message\": \"{message}\",\n";
    }

    private static string[] Differences(IEnumerable<string> said, IEnumerable<string> wanted)
    {
        string[] seen = [.. said];
        string[] there = [.. wanted];
        return [.. there.Except(seen)
            .Select(each => $"'{each}' is not on the page"), .. seen.Except(there)
            .Select(each => $"'{each}' is not in the contract")];
    }

    private static IEnumerable<IDescriptor> Closure(FileDescriptor file) =>
        [.. file.MessageTypes, .. file.EnumTypes, .. file.Services, .. file.Dependencies.Where(other => other.Package == file.Package)
            .SelectMany(Closure)];

    private static string[] Words(string command) =>
        [.. Word().Matches(command).Select(word => word.Groups[1].Success ? word.Groups[1].Value : word.Value).Where(word => word != "\\")];

    [GeneratedRegex(@"'([^']*)'|\S+")]
    private static partial Regex Word();

    [GeneratedRegex(@" \w+ = \d+;")]
    private static partial Regex Field();

    [GeneratedRegex(@"rpc \w+ ")]
    private static partial Regex Rpc();

    [GeneratedRegex(@"(?m)^\s*""[a-z_]+"":")]
    private static partial Regex SnakeName();

    [GeneratedRegex("_([a-z])")]
    private static partial Regex Underscore();
}
