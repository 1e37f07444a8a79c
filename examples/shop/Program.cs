using Shop;

var settings = ShopSettings.Read(args);
var builder = WebApplication.CreateSlimBuilder();
builder.Logging.SetMinimumLevel(LogLevel.Warning);
builder.WebHost.UseUrls(settings.Listen);
builder.Services.Configure<HostOptions>(o => o.ShutdownTimeout = TimeSpan.FromSeconds(3));
builder.Services.AddSingleton(settings);
builder.Services.AddSingleton(TimeProvider.System);
builder.Services.AddSingleton<Measurements>();
builder.Services.AddSingleton<TraceExporter>();
builder.Services.AddHostedService(services => services.GetRequiredService<TraceExporter>());
builder.Services.AddSingleton<PriceDatabase>();

var app = builder.Build();
app.UseMiddleware<Observation>();
app.MapGet("/", () => "a very small shop\n");
app.MapGet("/health", () => "ok\n");
app.MapGet("/version", () => settings.ServiceVersion + "\n");
app.MapGet("/products", (PriceDatabase prices, HttpContext http) => Checkout.ListAsync(prices, http.RequestAborted));
app.MapGet("/checkout", (PriceDatabase prices, HttpContext http) =>
    settings.ServiceVersion == "v1"
        ? Checkout.TotalAsync(prices, http.RequestAborted)
        : Checkout.TotalItemByItemAsync(prices, http.RequestAborted));
app.MapGet("/metrics", (Measurements measurements) => Results.Text(measurements.Expose(), "text/plain; version=0.0.4"));
await app.RunAsync();
