using SeaGrpc.Testing;
using static TorchSharp.torch;

namespace SeaGrpc.Modeling.Tests;

public sealed class ModelDeviceTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public ModelDeviceTests() => TinyCheckpoint.WritePolicy(_folder.Path, 1);

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("cuda:99", "cuda:99", "cpu or auto")]
    [InlineData("gpu", "\"gpu\"", "cuda:N")]
    [InlineData("cuda:-1", "\"cuda:-1\"", "cuda:N")]
    [InlineData("cuda:+1", "\"cuda:+1\"", "cuda:N")]
    [InlineData("cuda: 1", "\"cuda: 1\"", "cuda:N")]
    [InlineData("cuda:1٢", "\"cuda:1٢\"", "cuda:N")]
    public void A_device_that_is_absent_or_unknown_is_named(string device, params string[] named)
    {
        var error = Assert.Throws<ArgumentException>(() => PolicyModel.Load(_folder.Path, new ModelLoadOptions(device)));
        Assert.All(named, part => Assert.Contains(part, error.Message, StringComparison.Ordinal));
    }

    [Fact]
    public void Where_cuda_is_absent_the_way_to_it_is_told_and_auto_is_the_cpu()
    {
        if (cuda_is_available())
        {
            using PolicyModel onGpu = PolicyModel.Load(_folder.Path);
            Assert.Equal("cuda:0", onGpu.Description.Device);
            return;
        }

        var error = Assert.Throws<ArgumentException>(() => PolicyModel.Load(_folder.Path, new ModelLoadOptions("cuda")));
        Assert.Contains("-p:Accelerator=cuda", error.Message, StringComparison.Ordinal);
        using PolicyModel model = PolicyModel.Load(_folder.Path);
        Assert.Equal(("cpu", "float32"), (model.Description.Device, model.Description.Dtype));
    }
}
