using System.Diagnostics;
using System.Text;
using Google.Protobuf.Reflection;
using SeaGrpc.FunctionalTests.Support;

namespace SeaGrpc.Clients.Tests.Support;

/// <summary>docs/contract.md: the contract with its comments, as buf describes it.</summary>
internal static class ContractPage
{
    // Field numbers of descriptor.proto, which make up the paths of its source locations.
    private const int MessagesOfFile = 4;
    private const int EnumsOfFile = 5;
    private const int ServicesOfFile = 6;
    private const int FieldsOfMessage = 2;
    private const int ValuesOfEnum = 2;
    private const int MethodsOfService = 2;

    public static string File { get; } = Path.Combine(Repository.Root, "docs", "contract.md");

    /// <summary>The page.</summary>
    public static async Task<string> WriteAsync()
    {
        FileDescriptorSet set = FileDescriptorSet.Parser.ParseFrom(await ImageAsync());
        var page = new StringBuilder("""
            # The contract

            Every service, message and enum of [protos/sea/v1](../protos/sea/v1), with their comments. `eng/conformance.sh` generates this page; a test checks it.

            Within v1 the contract only grows. protos/released/contract.binpb is the last released contract. A test compares the protos with it (`buf breaking`, rules FILE): files,
            names, numbers and types that a client may have been generated from never change. The image is written only in the commit that a release tags. No version has been
            tagged yet; the image is the contract of 0.1.0.

            ```sh
            npm install --prefix tests/tools
            (cd protos && ../tests/tools/node_modules/.bin/buf build --exclude-source-info -o released/contract.binpb)
            ```


            """);
        FileDescriptorProto[] files =
        [
            .. set
                .File.Where(file => file.Package == "sea.v1")
                .OrderBy(file => file.Service.Count == 0)
                .ThenBy(file => file.Name, StringComparer.Ordinal),
        ];
        foreach (FileDescriptorProto file in files)
        {
            Dictionary<string, string> comments = file.SourceCodeInfo.Location.GroupBy(location => string.Join('.', location.Path))
                .ToDictionary(group => group.Key, group => Words(group.First().LeadingComments));
            page.Append($"## {file.Name}\n\n");
            for (int at = 0; at < file.Service.Count; at++)
            {
                Service(page, file.Service[at], comments, $"{ServicesOfFile}.{at}");
            }

            for (int at = 0; at < file.MessageType.Count; at++)
            {
                Message(page, file.MessageType[at], comments, $"{MessagesOfFile}.{at}");
            }

            for (int at = 0; at < file.EnumType.Count; at++)
            {
                Enum(page, file.EnumType[at], comments, $"{EnumsOfFile}.{at}");
            }
        }

        return page.Append(ParameterTable.Write()).ToString().TrimEnd() + "\n";
    }

    private static void Service(StringBuilder page, ServiceDescriptorProto service, Dictionary<string, string> comments, string path)
    {
        page.Append($"### {service.Name}\n\n{comments[path]}\n\n| RPC | request | response | |\n|---|---|---|---|\n");
        for (int at = 0; at < service.Method.Count; at++)
        {
            MethodDescriptorProto method = service.Method[at];
            string stream = method.ServerStreaming ? "stream of " : string.Empty;
            page.Append(
                $"| `{method.Name}` | {Link(method.InputType)} | {stream}{Link(method.OutputType)} | "
                    + $"{Cell(comments[$"{path}.{MethodsOfService}.{at}"])} |\n"
            );
        }

        page.Append('\n');
    }

    private static void Message(StringBuilder page, DescriptorProto message, Dictionary<string, string> comments, string path)
    {
        page.Append($"### {message.Name}\n\n{comments[path]}\n\n");
        if (message.Field.Count == 0)
        {
            return;
        }

        page.Append("| field | number | type | |\n|---|---|---|---|\n");
        for (int at = 0; at < message.Field.Count; at++)
        {
            FieldDescriptorProto field = message.Field[at];
            page.Append(
                $"| `{field.Name}` | {field.Number} | {Type(message, field)} | {Cell(comments[$"{path}.{FieldsOfMessage}.{at}"])} |\n"
            );
        }

        page.Append('\n');
    }

    private static void Enum(StringBuilder page, EnumDescriptorProto declared, Dictionary<string, string> comments, string path)
    {
        page.Append($"### {declared.Name}\n\n{comments[path]}\n\n| value | number | |\n|---|---|---|\n");
        for (int at = 0; at < declared.Value.Count; at++)
        {
            page.Append(
                $"| `{declared.Value[at].Name}` | {declared.Value[at].Number} | {Cell(comments[$"{path}.{ValuesOfEnum}.{at}"])} |\n"
            );
        }

        page.Append('\n');
    }

    private static string Type(DescriptorProto message, FieldDescriptorProto field)
    {
        string type = field.TypeName.Length > 0 ? Link(field.TypeName) : $"`{field.Type.ToString().ToLowerInvariant()}`";
        return field.Label == FieldDescriptorProto.Types.Label.Repeated ? $"repeated {type}"
            : field.Proto3Optional ? $"optional {type}"
            : field.HasOneofIndex ? $"{type}, one of `{message.OneofDecl[field.OneofIndex].Name}`"
            : type;
    }

    private static string Link(string type)
    {
        string name = type[(type.LastIndexOf('.') + 1)..];
        return type.StartsWith(".sea.v1.", StringComparison.Ordinal) ? $"[{name}](#{name.ToLowerInvariant()})" : $"`{type.TrimStart('.')}`";
    }

    private static string Words(string comment) => string.Join('\n', comment.Trim('\n').Split('\n').Select(line => line.Trim()));

    private static string Cell(string comment) => comment.Replace('\n', ' ').Replace("|", "\\|", StringComparison.Ordinal);

    private static async Task<byte[]> ImageAsync()
    {
        string buf = Path.Combine(Repository.Root, "tests", "tools", "node_modules", ".bin", "buf");
        Assert.True(System.IO.File.Exists(buf), $"{buf} is missing: run npm install --prefix tests/tools");
        using Process process = Process.Start(
            new ProcessStartInfo(buf, ["build", "-o", "-"])
            {
                WorkingDirectory = Path.Combine(Repository.Root, "protos"),
                RedirectStandardOutput = true,
            }
        )!;
        using var image = new MemoryStream();
        await process.StandardOutput.BaseStream.CopyToAsync(image);
        await process.WaitForExitAsync();
        return image.ToArray();
    }
}
