using System.Globalization;
using System.Net;
using Polly;
using Polly.Retry;
using SeaGrpc.Modeling.Checkpoints;

namespace SeaGrpc.Cli.Hub;

/// <summary>Downloads a model's files into the cache of this machine: what is there already stays, what was begun goes on.</summary>
/// <param name="client">The Hub.</param>
/// <param name="model">The model.</param>
/// <param name="told">Is told of every file: its bytes that are there, and whether it is complete.</param>
internal sealed class HubDownload(HubClient client, HubModel model, Action<HubFile, long> told)
{
    private const int BufferBytes = 1 << 20;
    private static readonly TimeSpan StallTimeout = TimeSpan.FromSeconds(60);

    private readonly ResiliencePipeline _retries = new ResiliencePipelineBuilder()
        .AddRetry(new RetryStrategyOptions
        {
            ShouldHandle = new PredicateBuilder().Handle<HubException>(),
            MaxRetryAttempts = 4,
            Delay = TimeSpan.FromMilliseconds(200),
            BackoffType = DelayBackoffType.Exponential,
            UseJitter = true,
        })
        .Build();

    /// <summary>Downloads what is missing.</summary>
    /// <param name="withWeights">Whether the weights are wanted.</param>
    /// <param name="cancellation">Gives up; what is there stays for the next time.</param>
    /// <returns>The folder of the files.</returns>
    /// <exception cref="CliException">The model cannot be had, in plain words.</exception>
    /// <exception cref="HubException">The Hub did not answer, even after several attempts.</exception>
    public async Task<string> RunAsync(bool withWeights, CancellationToken cancellation)
    {
        (string commit, IReadOnlyCollection<string> names) =
            await _retries.ExecuteAsync(async token => await client.ListAsync(model, token), cancellation);
        IReadOnlyList<string> chosen = HubFile.Choose(names, withWeights);
        ThrowIfUnusable(names, chosen, withWeights);
        string blobs = Path.Combine(model.Folder, "blobs");
        string snapshot = HubCache.SnapshotFolder(model.Folder, commit);
        Directory.CreateDirectory(blobs);
        Directory.CreateDirectory(snapshot);
        var files = new List<HubFile>();
        foreach (string name in chosen)
        {
            files.Add(await _retries.ExecuteAsync(async token => await client.DescribeAsync(model, commit, name, token), cancellation));
            told(files[^1], Present(blobs, files[^1]));
        }

        ThrowIfDiskIsFull(blobs, files.Sum(file => file.Size - Present(blobs, file)));
        foreach (HubFile file in files)
        {
            string blob = Path.Combine(blobs, file.Etag);
            if (Present(blobs, file) < file.Size || !File.Exists(blob))
            {
                await _retries.ExecuteAsync(async token => await FetchAsync(file, commit, blob, token), cancellation);
            }

            Link(Path.Combine(snapshot, file.Name), blob);
        }

        if (model.Revision != commit)
        {
            string reference = HubCache.RefFile(model.Folder, model.Revision);
            Directory.CreateDirectory(Path.GetDirectoryName(reference)!);
            await File.WriteAllTextAsync(reference, commit, cancellation);
        }

        return snapshot;
    }

    /// <summary>Bytes of a file that are there, complete or begun.</summary>
    private static long Present(string blobs, HubFile file)
    {
        string blob = Path.Combine(blobs, file.Etag);
        return File.Exists(blob) ? file.Size
            : File.Exists(Begun(blob)) ? Math.Min(new FileInfo(Begun(blob)).Length, file.Size)
            : 0;
    }

    private static string Begun(string blob) => $"{blob}.incomplete";

    private async Task FetchAsync(HubFile file, string commit, string blob, CancellationToken cancellation)
    {
        using (var hash = new ContentHash(file))
        {
            await using FileStream target = OpenTarget(Begun(blob), file.Name);
            long present = await ReadAsync(target, hash, file, cancellation);
            if (present < file.Size)
            {
                present = await ReceiveAsync(target, hash, file, commit, present, cancellation);
            }

            if (present != file.Size || !hash.IsRight())
            {
                // What is wrong does not become right by going on with it.
                target.SetLength(0);
                throw new HubException(
                    present != file.Size
                        ? $"{file.Name} ended after {present} of {file.Size} bytes"
                        : $"{file.Name} arrived damaged: its hash is not {file.Etag}",
                    reached: true);
            }
        }

        File.Move(Begun(blob), blob, overwrite: true);
    }

    private static FileStream OpenTarget(string path, string name)
    {
        try
        {
            return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, 1, useAsync: true);
        }
        catch (IOException error) when (File.Exists(path))
        {
            throw new CliException(
                $"{name} is being downloaded by another process ({path} is in use): wait for it.", ExitCodes.Failure, error);
        }
    }

    /// <summary>Hashes what an earlier attempt left.</summary>
    private static async Task<long> ReadAsync(FileStream target, ContentHash hash, HubFile file, CancellationToken cancellation)
    {
        if (target.Length > file.Size)
        {
            target.SetLength(0);
        }

        byte[] buffer = new byte[BufferBytes];
        for (int read; (read = await target.ReadAsync(buffer, cancellation)) > 0;)
        {
            hash.Add(buffer.AsSpan(0, read));
        }

        return target.Position;
    }

    private async Task<long> ReceiveAsync(
        FileStream target, ContentHash hash, HubFile file, string commit, long present, CancellationToken cancellation)
    {
        using HttpResponseMessage reply = await client.OpenAsync(model, commit, file.Name, present, cancellation);
        if (present > 0
            && (reply.StatusCode != HttpStatusCode.PartialContent
                || (reply.Content.Headers.ContentRange?.From is { } from && from != present)))
        {
            target.SetLength(0);
            throw new HubException($"{file.Name} cannot be continued and starts again", reached: true);
        }

        await using Stream content = await reply.Content.ReadAsStreamAsync(cancellation);
        byte[] buffer = new byte[BufferBytes];
        while (present < file.Size)
        {
            int read = await NextAsync(content, buffer, file, cancellation);
            if (read == 0)
            {
                // What has arrived is right so far, and the next attempt goes on behind it.
                throw new HubException($"{file.Name} was cut off after {present} of {file.Size} bytes", reached: true);
            }

            int wanted = (int)Math.Min(read, file.Size - present);
            hash.Add(buffer.AsSpan(0, wanted));
            await target.WriteAsync(buffer.AsMemory(0, wanted), cancellation);
            present += wanted;
            told(file, present);
        }

        return present;
    }

    private static async Task<int> NextAsync(Stream content, byte[] buffer, HubFile file, CancellationToken cancellation)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        patience.CancelAfter(StallTimeout);
        try
        {
            return await content.ReadAsync(buffer, patience.Token);
        }
        catch (Exception error) when (error is IOException or HttpRequestException)
        {
            throw new HubException($"{file.Name} was cut off: {error.GetBaseException().Message}", reached: true, error);
        }
        catch (OperationCanceledException error) when (!cancellation.IsCancellationRequested)
        {
            throw new HubException($"Nothing of {file.Name} arrived for {StallTimeout.TotalSeconds} seconds", reached: true, error);
        }
    }

    private static void Link(string path, string blob)
    {
        var present = new FileInfo(path);
        if (present is { Exists: true, LinkTarget: { } target } && Path.GetFileName(target) == Path.GetFileName(blob))
        {
            return;
        }

        File.Delete(path);
        try
        {
            File.CreateSymbolicLink(path, Path.Combine("..", "..", "blobs", Path.GetFileName(blob)));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // File systems without links, or no right to make them.
            File.Copy(blob, path, overwrite: true);
        }
    }

    private void ThrowIfUnusable(IReadOnlyCollection<string> names, IReadOnlyList<string> chosen, bool withWeights)
    {
        if (!chosen.Contains("config.json") || !chosen.Contains("tokenizer.json"))
        {
            string missing = chosen.Contains("config.json") ? "tokenizer.json" : "config.json";
            throw new CliException(
                $"{model} has no {missing}, which the server reads: choose a repository with a whole Hugging Face checkpoint.",
                ExitCodes.Failure);
        }

        if (withWeights && !chosen.Any(HubFile.IsWeights))
        {
            string found = names.FirstOrDefault(name => name.EndsWith(".gguf", StringComparison.OrdinalIgnoreCase)
                || name.EndsWith(".bin", StringComparison.OrdinalIgnoreCase)) is { } other ? $" (it has {other})" : "";
            throw new CliException(
                $"{model} has no model.safetensors and no shards of it{found}: choose a repository with safetensors, or add "
                    + "--no-weights where an engine serves the model.",
                ExitCodes.Failure);
        }
    }

    private static void ThrowIfDiskIsFull(string folder, long needed)
    {
        long free;
        try
        {
            free = new DriveInfo(Path.GetFullPath(folder)).AvailableFreeSpace;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return;
        }

        if (free < needed)
        {
            throw new CliException(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{needed >> 20} MiB are to be downloaded, but {folder} has {free >> 20} MiB left: make room, or set HF_HUB_CACHE to a "
                        + $"folder on another disk."),
                ExitCodes.Failure);
        }
    }
}
