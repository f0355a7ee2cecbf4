# The whole service in one image. Driftwood__Role says whether a container is api, worker or all.

# The program is compiled ahead for the image's platform, on the builder's own.
FROM --platform=$BUILDPLATFORM mcr.microsoft.com/dotnet/sdk:10.0 AS build
ARG TARGETARCH
WORKDIR /source

# Copy first the files that decide the packages, so that a change of code alone does not restore again.
COPY Directory.Build.props Directory.Packages.props ./
COPY src/Directory.Build.props src/
COPY src/Driftwood.Api/Driftwood.Api.csproj src/Driftwood.Api/packages.lock.json src/Driftwood.Api/
COPY src/Driftwood.Data/Driftwood.Data.csproj src/Driftwood.Data/packages.lock.json src/Driftwood.Data/
COPY src/Driftwood.Engine/Driftwood.Engine.csproj src/Driftwood.Engine/packages.lock.json src/Driftwood.Engine/
COPY src/Driftwood.Hangfire/Driftwood.Hangfire.csproj src/Driftwood.Hangfire/packages.lock.json src/Driftwood.Hangfire/
COPY src/Driftwood.LocalPostgres/Driftwood.LocalPostgres.csproj src/Driftwood.LocalPostgres/packages.lock.json src/Driftwood.LocalPostgres/
COPY src/Driftwood.Storage/Driftwood.Storage.csproj src/Driftwood.Storage/packages.lock.json src/Driftwood.Storage/
RUN dotnet restore src/Driftwood.Api --arch $TARGETARCH --locked-mode

# .editorconfig decides which warnings there are, and warnings are errors.
COPY .editorconfig ./
# The demo imports these files, so they are part of the program.
COPY samples/ samples/
COPY src/ src/
RUN dotnet publish src/Driftwood.Api --configuration Release --no-restore --arch $TARGETARCH --output /app

FROM mcr.microsoft.com/dotnet/aspnet:10.0
WORKDIR /app
COPY --from=build /app ./

# The directory is made here, so that a new volume mounted on it belongs to the service's user.
RUN install --directory --owner=$APP_UID --group=$APP_UID --mode=0700 /var/lib/driftwood
ENV ASPNETCORE_HTTP_PORTS=8080 \
    Driftwood__DataDirectory=/var/lib/driftwood
EXPOSE 8080
USER $APP_UID

# The image has neither curl nor wget. bash speaks enough HTTP for this, and starts faster than a .NET process.
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 CMD ["bash", "-c", \
    "exec 3<>/dev/tcp/127.0.0.1/8080 && printf 'GET /readyz HTTP/1.0\\r\\nHost: localhost\\r\\n\\r\\n' >&3 && read -r -t 4 _ status _ <&3 && [ \"$status\" = 200 ]"]

ENTRYPOINT ["dotnet", "Driftwood.Api.dll"]
