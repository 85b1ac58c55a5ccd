from mcp_sdkgen_runtime import catalog
print(catalog.page("weather.get_forecast"))
print(catalog.model("weather.Forecast"))
