using System.IO.Pipelines;
using Microsoft.AspNetCore.Http.Features;

namespace SeaGrpc.Server.Intake;

/// <summary>Stands for a request's body.</summary>
/// <param name="Reader">What it is read by.</param>
internal sealed record RequestBody(PipeReader Reader) : IRequestBodyPipeFeature;
