using SeaGrpc.Alignment.Sea;
using SeaGrpc.Modeling;
using static TorchSharp.torch;

namespace SeaGrpc.Alignment.Tests.Sea;

/// <summary>The step rule on an energy whose stationary distribution is known: U(y) = k (y - m)^2 / 2.</summary>
public sealed class LangevinStepTests
{
    private const double Stiffness = 2;
    private const double Centre = 1.5;

    [Theory]
    [InlineData(0.05, 1.0)]
    [InlineData(0.2, 0.5)]
    public void A_chain_on_a_quadratic_energy_has_its_known_mean_and_variance(double stepSize, double temperature)
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator(11);
        var parameters = new SeaParameters
        {
            Step = SeaStep.Plain,
            StepSize = stepSize,
            Noise = SeaNoise.Langevin,
            NoiseTemperature = temperature,
            Iterations = 400,
        };
        Tensor state = Run(parameters, generator, rows: 200, columns: 200);

        double mean = state.mean().item<float>();
        double variance = state.var().item<float>();
        // The Euler discretisation's own stationary variance: T / (k (1 - eta k / 2)).
        double expected = temperature / (Stiffness * (1 - stepSize * Stiffness / 2));
        Assert.InRange(mean, Centre - 0.02, Centre + 0.02);
        Assert.InRange(variance, expected * 0.97, expected * 1.03);
    }

    [Fact]
    public void Annealed_noise_ends_at_the_minimum()
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator(11);
        var parameters = new SeaParameters
        {
            Step = SeaStep.Plain,
            StepSize = 0.2,
            Noise = SeaNoise.Annealed,
            NoiseTemperature = 1,
            Iterations = 400,
        };
        Tensor state = Run(parameters, generator, rows: 50, columns: 50);

        Assert.InRange(state.mean().item<float>(), Centre - 0.02, Centre + 0.02);
        Assert.InRange(state.var().item<float>(), 0, 0.02);
    }

    [Fact]
    public void Paper_noise_has_deviation_sigma_whatever_the_step_size()
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator(11);
        var parameters = new SeaParameters { Step = SeaStep.Plain, StepSize = 0.7, Noise = SeaNoise.Paper, NoiseScale = 0.25 };
        using var step = new LangevinStep(parameters, 200, 200, CPU, generator);
        Tensor state = zeros([200, 200]);
        step.BeginIteration();
        step.Apply(state, zeros([200, 200]), ones([200, 1]), 0);

        Assert.InRange(state.std().item<float>(), 0.245, 0.255);
    }

    [Fact]
    public void Adams_first_step_has_the_step_size_whatever_the_gradients_scale()
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator(11);
        var parameters = new SeaParameters { Step = SeaStep.Adam, StepSize = 0.3, Noise = SeaNoise.None };
        using var step = new LangevinStep(parameters, 1, 2, CPU, generator);
        Tensor state = zeros([1, 2]);
        step.BeginIteration();
        step.Apply(state, tensor(new float[,] { { 1e-4f, -1e4f } }), ones([1, 1]), 0);

        Assert.Equal(-0.3f, state[0, 0].item<float>(), 1e-4);
        Assert.Equal(0.3f, state[0, 1].item<float>(), 1e-4);
    }

    [Fact]
    public void Resting_positions_and_forbidden_tokens_do_not_move()
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator(11);
        var parameters = new SeaParameters { Step = SeaStep.Adam, Noise = SeaNoise.Paper };
        using var step = new LangevinStep(parameters, 2, 2, CPU, generator);
        Tensor state = tensor(new[,] { { 1f, 2f }, { float.NegativeInfinity, 0f } });
        step.BeginIteration();
        step.Apply(state, tensor(new[,] { { 5f, 5f }, { 0f, 1f } }), tensor(new[,] { { 0f }, { 1f } }), 0);

        Assert.Equal(1f, state[0, 0].item<float>());
        Assert.Equal(2f, state[0, 1].item<float>());
        Assert.Equal(float.NegativeInfinity, state[1, 0].item<float>());
    }

    private static Tensor Run(SeaParameters parameters, Generator generator, long rows, long columns)
    {
        using var step = new LangevinStep(parameters, rows, columns, CPU, generator);
        Tensor state = zeros([rows, columns]);
        Tensor active = ones([rows, 1]);
        for (int iteration = 0; iteration < parameters.Iterations; iteration++)
        {
            using var scope = NewDisposeScope();
            step.BeginIteration();
            step.Apply(state, state.Plus(-Centre).Times(Stiffness), active, 0);
        }

        return state;
    }
}
