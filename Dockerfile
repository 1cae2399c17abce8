# The sidecar with its embedded models, on the CPU. Models of your own are mounted at /models and named by
# SeaGrpc__Models__Policy and SeaGrpc__Models__Reward.
FROM mcr.microsoft.com/dotnet/sdk:10.0 AS build
WORKDIR /source
COPY . .
RUN dotnet publish src/SeaGrpc.Server -c Release -o /app

FROM mcr.microsoft.com/dotnet/aspnet:10.0
WORKDIR /app
COPY --from=build /app .
# All interfaces of the container's own network: what of it is reachable is decided where it is published.
ENV ASPNETCORE_HTTP_PORTS= \
    SeaGrpc__Transport__Grpc=http://*:50051 \
    SeaGrpc__Transport__Http=http://*:8080
USER $APP_UID
VOLUME /models
EXPOSE 50051 8080
# The image has no curl; the program asks itself.
HEALTHCHECK --interval=10s --timeout=6s --start-period=60s CMD ["dotnet", "SeaGrpc.Server.dll", "--health-check"]
ENTRYPOINT ["dotnet", "SeaGrpc.Server.dll"]
