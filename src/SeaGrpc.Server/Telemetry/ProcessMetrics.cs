using System.Diagnostics;
using System.Diagnostics.Metrics;
using SeaGrpc.Modeling;
using SeaGrpc.Serving;

namespace SeaGrpc.Server.Telemetry;

/// <summary>Memory and processor time of the process, under the names that Prometheus' own clients give them.</summary>
internal sealed class ProcessMetrics
{
    /// <summary>Creates the instruments. They are read when somebody asks for the metrics.</summary>
    public ProcessMetrics(IMeterFactory meters)
    {
        Meter meter = meters.Create(new MeterOptions(SeaTelemetry.Name));
        using var process = Process.GetCurrentProcess();
        double started = new DateTimeOffset(process.StartTime).ToUnixTimeMilliseconds() / 1000.0;
        meter.CreateObservableGauge("process.resident_memory", () => Environment.WorkingSet, "By", "Resident memory of the process.");
        meter.CreateObservableGauge(
            "process.memory_limit", () => HostMemory.LimitBytes, "By",
            "Memory that the process may use: the machine's, or its container's.");
        meter.CreateObservableCounter(
            "process.cpu", () => Environment.CpuUsage.TotalTime.TotalSeconds, "s", "Processor time of the process, user and system.");
        meter.CreateObservableGauge("process.start_time", () => started, "s", "When the process started, in seconds since 1970.");
    }
}
