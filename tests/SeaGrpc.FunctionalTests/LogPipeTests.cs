using System.Text;
using SeaGrpc.Server.Logging;

namespace SeaGrpc.FunctionalTests;

public sealed class LogPipeTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    [Fact]
    public void A_reader_that_stalls_holds_nobody_up_and_is_told_how_many_lines_it_missed()
    {
        using var reader = new StallingReader();
        var pipe = new LogPipe(reader, maxLines: 3, count => $"{count} dropped\n");
        pipe.Write("0\n");
        reader.WaitUntilStalled();
        for (int line = 1; line <= 10; line++)
        {
            pipe.Write($"{line}\n");
        }

        reader.Resume();
        reader.WaitFor("dropped\n");
        pipe.Write("11\n");
        Assert.Equal(0, pipe.Close(Patience));
        Assert.Equal("0\n1\n2\n3\n7 dropped\n11\n", reader.Text);
    }

    [Fact]
    public void Long_lines_count_by_their_length()
    {
        using var reader = new StallingReader();
        var pipe = new LogPipe(reader, maxLines: 100, count => $"{count} dropped\n");
        pipe.Write("0\n");
        reader.WaitUntilStalled();
        string half = new('x', LogPipe.MaxWaitingCharacters / 2);
        for (int line = 0; line < 5; line++)
        {
            pipe.Write(half);
        }

        reader.Resume();
        Assert.Equal(0, pipe.Close(Patience));
        Assert.EndsWith("x3 dropped\n", reader.Text);
    }

    [Fact]
    public void At_the_end_it_tells_what_was_lost_and_waits_no_longer_than_it_may()
    {
        using var reader = new StallingReader();
        var pipe = new LogPipe(reader, maxLines: 2, count => $"{count} dropped\n");
        pipe.Write("0\n");
        reader.WaitUntilStalled();
        for (int line = 1; line <= 5; line++)
        {
            pipe.Write($"{line}\n");
        }

        Assert.Equal(6, pipe.Close(TimeSpan.FromMilliseconds(1)));
    }

    /// <summary>Takes what is written once it is let.</summary>
    private sealed class StallingReader : MemoryStream
    {
        private readonly ManualResetEventSlim _stalled = new();
        private readonly ManualResetEventSlim _resumed = new();

        public string Text
        {
            get
            {
                lock (_stalled)
                {
                    return Encoding.UTF8.GetString(ToArray());
                }
            }
        }

        public void WaitUntilStalled() => Assert.True(_stalled.Wait(Patience));

        public void Resume() => _resumed.Set();

        public void WaitFor(string text) => Assert.True(SpinWait.SpinUntil(() => Text.Contains(text, StringComparison.Ordinal), Patience));

        public override void Write(ReadOnlySpan<byte> buffer)
        {
            _stalled.Set();
            _resumed.Wait();
            lock (_stalled)
            {
                base.Write(buffer);
            }
        }

        protected override void Dispose(bool disposing)
        {
            _resumed.Set(); // The writer's thread ends.
            base.Dispose(disposing);
        }
    }
}
