# The sidecar with its embedded models. Models of your own are mounted at /models and named by SeaGrpc__Models__Policy and
# SeaGrpc__Models__Reward. ACCELERATOR: cpu; cuda (2.5 GB of packages are restored, and the container is run with --gpus all); or
# external (no libtorch inside: one is mounted at /libtorch, torch/lib of a PyTorch install say). docs/gpu.md tells more.
ARG ACCELERATOR=cpu

# The page of the console, which is off unless SeaGrpc__Transport__Console is true.
FROM node:22-bookworm-slim AS console
WORKDIR /source
COPY protos protos
COPY clients/protos clients/protos
COPY clients/typescript clients/typescript
RUN npm ci --prefix clients/typescript && npm run --prefix clients/typescript console

FROM mcr.microsoft.com/dotnet/sdk:10.0 AS build
ARG ACCELERATOR
WORKDIR /source
COPY . .
COPY --from=console /source/clients/typescript/dist/console clients/typescript/dist/console
RUN dotnet publish src/SeaGrpc.Server -c Release -o /app -p:Accelerator=$ACCELERATOR -p:BuildConsole=never -p:DebugType=none -p:PublishDocumentationFiles=false -p:PublishReferencesDocumentationFiles=false

# Chiseled: no shell and no package manager.
FROM mcr.microsoft.com/dotnet/aspnet:10.0-noble-chiseled AS runtime-cpu
FROM mcr.microsoft.com/dotnet/aspnet:10.0-noble-chiseled AS runtime-cuda
# What the container toolkit puts in: the driver's libraries for computing.
ENV NVIDIA_VISIBLE_DEVICES=all NVIDIA_DRIVER_CAPABILITIES=compute,utility
FROM runtime-cuda AS runtime-external
ENV SEAGRPC_LIBTORCH=/libtorch
VOLUME /libtorch

FROM runtime-$ACCELERATOR
WORKDIR /app
COPY --from=build /app .
# All interfaces of the container's own network, IPv4 and IPv6: what of it is reachable is decided where it is published.
# No diagnostics pipes: nothing is written, so that the file system may be read-only.
ENV ASPNETCORE_HTTP_PORTS= \
    DOTNET_EnableDiagnostics=0 \
    SeaGrpc__Transport__Grpc=http://*:50051 \
    SeaGrpc__Transport__Http=http://*:8080
USER $APP_UID
VOLUME /models
EXPOSE 50051 8080
# The image has no curl and no shell; the program asks itself.
HEALTHCHECK --interval=10s --timeout=6s --start-period=60s CMD ["dotnet", "SeaGrpc.Server.dll", "--health-check"]
ENTRYPOINT ["dotnet", "SeaGrpc.Server.dll"]
