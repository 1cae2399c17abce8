using System.Diagnostics.Metrics;
using SeaGrpc.Modeling;
using SeaGrpc.Serving;
using Tag = System.Collections.Generic.KeyValuePair<string, object?>;

namespace SeaGrpc.Server.Models;

/// <summary>Gauges of what is served and whether it is.</summary>
internal sealed class ServedMetrics
{
    private readonly ModelHost _models;

    /// <summary>Creates the instruments. They are read when somebody asks for the metrics.</summary>
    public ServedMetrics(ModelHost models, ServerReadiness readiness, IMeterFactory meters)
    {
        _models = models;
        Meter meter = meters.Create(new MeterOptions(SeaTelemetry.Name));
        meter.CreateObservableGauge(
            "seagrpc.ready", () => readiness.IsServing ? 1 : 0,
            description: "1 if the server takes calls, as health reports it; otherwise 0.");
        meter.CreateObservableGauge<int>("seagrpc.model.info", Describe, description: "1 for each model that is served.");
        meter.CreateObservableGauge(
            "seagrpc.device.memory.used", () => Memory(usage => usage.Used), "By", "Memory that is taken on a device that has a model.");
        meter.CreateObservableGauge(
            "seagrpc.device.memory.total", () => Memory(usage => usage.Total), "By", "Memory of a device that has a model.");
    }

    /// <summary>One figure of each device that has a model.</summary>
    private IEnumerable<Measurement<long>> Memory(Func<(long Used, long Total), long> figure)
    {
        if (!_models.IsLoaded)
        {
            yield break;
        }

        ServedModels served = _models.Served;
        foreach (string device in served.Rewards
            .Where(reward => reward.Address is null)
            .Select(reward => reward.Model.Device)
            .Concat(served.Engine is null ? [served.Policy.Device] : Array.Empty<string>())
            .Distinct())
        {
            if (DeviceMemory.Of(device) is { } usage)
            {
                yield return new Measurement<long>(figure(usage), new Tag("device", device));
            }
        }
    }

    private IEnumerable<Measurement<int>> Describe()
    {
        if (!_models.IsLoaded)
        {
            return [];
        }

        ServedModels served = _models.Served;
        return served.Rewards
            .Select(reward => ("reward", reward.Name, reward.Model))
            .Prepend(("policy", served.Policy.Name, served.Policy))
            .Select(one => new Measurement<int>(
                1,
                new Tag("role", one.Item1),
                new Tag("model", one.Item2),
                new Tag("architecture", one.Item3.Architecture),
                new Tag("device", one.Item3.Device),
                new Tag("dtype", one.Item3.Dtype)));
    }
}
