# The sidecar with its embedded models, on the CPU. Models of your own are mounted at /models.
FROM mcr.microsoft.com/dotnet/sdk:10.0 AS build
WORKDIR /source
COPY . .
RUN dotnet publish src/SeaGrpc.Server -c Release -o /app

FROM mcr.microsoft.com/dotnet/aspnet:10.0
WORKDIR /app
COPY --from=build /app .
USER $APP_UID
VOLUME /models
EXPOSE 50051 8080
ENTRYPOINT ["dotnet", "SeaGrpc.Server.dll"]
