#include "tests/scripted_ha/demo_house.hpp"

#include <string>
#include <string_view>

namespace scripted_ha {
namespace {

struct Room {
  std::string_view id;
  std::string_view name;
  std::string_view icon;
};
constexpr Room rooms[] = {{"kitchen", "Kitchen", "mdi:stove"},
                          {"living_room", "Living Room", "mdi:sofa"},
                          {"bedroom", "Bedroom", "mdi:bed"},
                          {"hall", "Hall", "mdi:door"}};

struct Device {
  std::string_view id;
  std::string_view name;
  std::string_view model;
  std::string_view area;
};
constexpr Device devices[] = {{"climate_sensor", "Kitchen climate", "TH-1", "kitchen"},
                              {"washing_machine", "Washing machine", "WM-9", "kitchen"},
                              {"coffee_machine", "Coffee machine", "CM-2", "kitchen"},
                              {"ceiling_lamp", "Ceiling lamp", "RGB-3", "living_room"},
                              {"blind", "Blind", "BL-4", "living_room"},
                              {"thermostat", "Thermostat", "TR-5", "bedroom"},
                              {"fan", "Fan", "FN-6", "bedroom"},
                              {"door", "Front door", "LK-7", "hall"},
                              {"hall", "Hall", "MO-8", "hall"}};

struct Item {
  std::string_view entity_id;
  std::string_view name;
  std::string_view device;  // empty: no device
  std::string_view value;
  std::string_view attributes;  // JSON without friendly_name
};
constexpr Item items[] = {
    {"sensor.kitchen_temperature", "Kitchen temperature", "climate_sensor", "21.4",
     R"({"state_class":"measurement","unit_of_measurement":"°C","device_class":"temperature"})"},
    {"sensor.kitchen_humidity", "Kitchen humidity", "climate_sensor", "48.0",
     R"({"state_class":"measurement","unit_of_measurement":"%","device_class":"humidity"})"},
    {"sensor.climate_battery", "Climate battery", "climate_sensor", "87",
     R"({"state_class":"measurement","unit_of_measurement":"%","device_class":"battery"})"},
    {"sensor.washing_machine_power", "Washing machine power", "washing_machine", "3.0",
     R"({"state_class":"measurement","unit_of_measurement":"W","device_class":"power"})"},
    {"sensor.washing_machine_phase", "Washing machine phase", "washing_machine", "idle",
     R"({"options":["idle","wash","rinse","spin"],"device_class":"enum"})"},
    {"button.washing_machine_start", "Washing machine start", "washing_machine", "unknown", "{}"},
    {"select.washing_machine_program", "Washing machine program", "washing_machine", "cotton",
     R"({"options":["cotton","wool","quick"]})"},
    {"switch.coffee_machine", "Coffee machine", "coffee_machine", "off",
     R"({"device_class":"outlet"})"},
    {"number.coffee_strength", "Coffee strength", "coffee_machine", "3",
     R"({"min":1,"max":5,"step":1,"mode":"slider"})"},
    {"text.coffee_display", "Coffee display", "coffee_machine", "Good morning",
     R"({"mode":"text","min":0,"max":40,"pattern":null})"},
    {"light.ceiling_lamp", "Ceiling lamp", "ceiling_lamp", "on",
     R"({"min_color_temp_kelvin":2000,"max_color_temp_kelvin":6535,"effect_list":["rainbow","off"],
         "supported_color_modes":["color_temp","hs"],"effect":null,"color_mode":"hs",
         "brightness":180,"color_temp_kelvin":null,"hs_color":[345.0,75.0],
         "rgb_color":[255,64,112],"supported_features":36})"},
    {"cover.blind", "Blind", "blind", "open",
     R"({"is_closed":false,"current_position":70,"current_tilt_position":50,"device_class":"blind",
         "supported_features":255})"},
    {"climate.thermostat", "Thermostat", "thermostat", "heat",
     R"({"hvac_modes":["off","heat","auto"],"min_temp":7,"max_temp":30,"target_temp_step":0.5,
         "preset_modes":["home","eco","away"],"current_temperature":19.2,"temperature":20.5,
         "hvac_action":"heating","preset_mode":"home","supported_features":401})"},
    {"sensor.bedroom_temperature", "Bedroom temperature", "thermostat", "19.2",
     R"({"state_class":"measurement","unit_of_measurement":"°C","device_class":"temperature"})"},
    {"fan.bedroom", "Bedroom fan", "fan", "off",
     R"({"preset_modes":["auto","sleep"],"direction":"forward","oscillating":false,"percentage":0,
         "percentage_step":33.333333333333336,"preset_mode":null,"supported_features":63})"},
    {"lock.front_door", "Front door lock", "door", "locked", R"({"supported_features":1})"},
    {"binary_sensor.front_door", "Front door", "door", "off", R"({"device_class":"door"})"},
    {"binary_sensor.hall_motion", "Hall motion", "hall", "off", R"({"device_class":"motion"})"},
    {"light.hall", "Hall light", "hall", "off",
     R"({"supported_color_modes":["onoff"],"color_mode":null,"supported_features":0})"},
    {"event.hall_button", "Hall button", "hall", "unknown",
     R"({"event_types":["single","double","long"],"event_type":null,"device_class":"button"})"},
    {"scene.evening", "Evening", "", "unknown", R"({"entity_id":["light.hall"],"id":"evening"})"},
    {"script.good_night", "Good night", "", "off",
     R"({"last_triggered":null,"mode":"single","current":0})"},
    {"automation.morning", "Morning", "", "on",
     R"({"id":"1","last_triggered":null,"mode":"single","current":0})"},
    {"input_boolean.guests", "Guests", "", "off", R"({"editable":false,"icon":"mdi:account"})"},
    {"input_number.volume", "Volume", "", "3.0",
     R"({"initial":3.0,"editable":false,"min":0.0,"max":10.0,"step":0.5,"mode":"slider"})"},
    {"input_select.mode", "Mode", "", "home",
     R"({"options":["home","away","late night"],"editable":false})"},
    {"input_text.note", "Note", "", "hello",
     R"({"editable":false,"min":0,"max":50,"pattern":null,"mode":"text"})"},
    {"input_button.bell", "Bell", "", "unknown", R"({"editable":false})"},
    {"sun.sun", "Sun", "", "above_horizon", R"({"elevation":32.12,"rising":false})"},
};

Json device_row(const std::string& id, const std::string& name, const std::string& model) {
  return {{"id", id},
          {"identifiers", Json::array({Json::array({"scripted", id})})},
          {"manufacturer", "Scripted"},
          {"model", model},
          {"name", name},
          {"sw_version", "1.0"}};
}

}  // namespace

Json demo_house() {
  Json house{{"location_name", "Demo"}};
  for (const Room& room : rooms) {
    house["areas"].push_back({{"area_id", room.id}, {"name", room.name}, {"icon", room.icon}});
  }
  for (const Device& device : devices) {
    Json row =
        device_row(std::string(device.id), std::string(device.name), std::string(device.model));
    row["area_id"] = device.area;
    house["devices"].push_back(row);
  }
  for (const Item& item : items) {
    Json attributes = Json::parse(item.attributes);
    attributes["friendly_name"] = item.name;
    house["states"][std::string(item.entity_id)] = {{"state", item.value},
                                                    {"attributes", attributes}};
    if (item.entity_id == "sun.sun") continue;  // as in Home Assistant, it has no unique id
    Json row{{"entity_id", item.entity_id}, {"original_name", item.name}};
    if (!item.device.empty()) row["device_id"] = item.device;
    house["entities"].push_back(row);
  }
  return house;
}

Json generated_house(std::size_t entities) {
  Json house{{"location_name", "Generated"}};
  // Appending to members that are looked up once; a look-up of each would make this quadratic.
  Json& states = house["states"] = Json::object();
  auto& pairs = states.get_ref<Json::object_t&>();
  Json rows = Json::array();
  Json device_rows = Json::array();
  for (std::size_t index = 0; index < entities; ++index) {
    const std::string number = std::to_string(index);
    const std::string device = "device_" + std::to_string(index / 10);
    if (index % 10 == 0) device_rows.push_back(device_row(device, "Device " + device, "G-1"));
    const std::string id = "sensor.generated_" + number;
    rows.push_back(
        {{"entity_id", id}, {"device_id", device}, {"original_name", "Generated " + number}});
    const Json state{{"state", "0"},
                     {"attributes",
                      {{"state_class", "measurement"},
                       {"unit_of_measurement", "W"},
                       {"device_class", "power"},
                       {"friendly_name", "Generated " + number}}}};
    static_cast<Json::object_t::Container&>(pairs).emplace_back(id, state);
  }
  house["entities"] = std::move(rows);
  house["devices"] = std::move(device_rows);
  return house;
}

}  // namespace scripted_ha
