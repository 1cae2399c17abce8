using SeaGrpc.Modeling.Checkpoints;

namespace SeaGrpc.Cli.Hub;

/// <summary>A model on this machine: a folder, or one in the Hub's cache by its id.</summary>
/// <param name="Path">The folder.</param>
/// <param name="Name">What clients call it.</param>
internal sealed record ModelFolder(string Path, string Name)
{
    /// <summary>Finds it.</summary>
    /// <param name="text">A folder, ORG/NAME or ORG/NAME@REVISION.</param>
    /// <exception cref="CliException">It is not here; the message says how to get it.</exception>
    public static ModelFolder Find(string text)
    {
        if (Directory.Exists(text))
        {
            // A snapshot's own name is a commit.
            string folder = HubCache.Snapshot(text) ?? text;
            return new ModelFolder(folder, NameOf(System.IO.Path.GetFullPath(text)));
        }

        if (HubModel.Parse(text) is not { } model)
        {
            throw new CliException(
                $"'{text}' is no folder, and no model's id of the form ORG/NAME: name the folder of a Hugging Face checkpoint.",
                ExitCodes.Failure);
        }

        return model.Cached is { } cached
            ? new ModelFolder(cached, model.Id)
            : throw new CliException(
                $"'{text}' is no folder, and there is no {model} in the Hub's cache ({HubCache.Folder}): download it with "
                    + $"'seagrpc pull {text}'. Where the network is closed, run that elsewhere and copy {model.Folder} here, "
                    + "or name a folder that has the model.",
                ExitCodes.Failure);
    }

    private static string NameOf(string folder)
    {
        string last = System.IO.Path.GetFileName(System.IO.Path.TrimEndingDirectorySeparator(folder));
        string? inside = folder.Split(System.IO.Path.DirectorySeparatorChar)
            .LastOrDefault(part => part.StartsWith("models--", StringComparison.Ordinal));
        return inside is null ? last : inside["models--".Length..].Replace("--", "/", StringComparison.Ordinal);
    }
}
