using System.IO.Pipelines;
using Microsoft.AspNetCore.Http.Features;

namespace SeaGrpc.Server.Intake;

/// <summary>Replaces a request's body.</summary>
/// <param name="Reader">Reads the body.</param>
internal sealed record RequestBody(PipeReader Reader) : IRequestBodyPipeFeature;
